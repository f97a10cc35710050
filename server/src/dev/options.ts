import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface StackOptions {
  /** Absolute. */
  readonly dataDir: string;
  /** Port of the API; 0 takes a free one. */
  readonly port: number;
  /** Approves device codes as the user `demo` without a person. */
  readonly autoApprove: boolean;
}

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const DEFAULT_PORT = 4600;

export const USAGE = `Usage: npm run dev [-- options]

Starts PostgreSQL, the photo store, a local login page, the API and a worker on 127.0.0.1.

Options:
  --data DIR      where the data is kept (default .stager)
  --port N        port of the API (default ${DEFAULT_PORT}; 0 takes a free one)
  --auto-approve  approves \`stager login\` as the user demo without asking
  --help          this text`;

/** @throws UsageError */
export function readOptions(argv: readonly string[]): StackOptions | 'help' {
  let values: { data?: string; port?: string; 'auto-approve'?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        data: { type: 'string' },
        port: { type: 'string' },
        'auto-approve': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return 'help';
  const port = values.port === undefined ? DEFAULT_PORT : Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port ${values.port} is not a port: give a number from 0 to 65535.`);
  }
  return { dataDir: resolve(values.data ?? '.stager'), port, autoApprove: values['auto-approve'] ?? false };
}
