import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const BIN = fileURLToPath(new URL('../../bin/stager.mjs', import.meta.url));

export interface RunResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly node?: string;
  readonly input?: string;
  /** Where stdout goes instead of into the result: a descriptor. */
  readonly stdoutTo?: number;
  readonly stderrTo?: number;
  readonly onStart?: (child: ChildProcess) => void;
  /** Called at each piece of output, with all there is so far. */
  readonly onOutput?: (child: ChildProcess, stdout: string, stderr: string) => void;
}

/** The environment of a script: nothing of the developer's own shell about stager, colours or CI. */
export function plainEnv(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(STAGER_(?!CLI_SOURCE)|CI$|NO_COLOR$|FORCE_COLOR$|https?_proxy$|no_proxy$)/i.test(name),
  );
  return Object.fromEntries(kept);
}

/** Runs the bin as a shell would, with pipes. */
export function run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  const child = spawn(options.node ?? process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...plainEnv(), ...options.env },
    stdio: ['pipe', options.stdoutTo ?? 'pipe', options.stderrTo ?? 'pipe'],
  });
  options.onStart?.(child);
  child.stdin?.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  const heard = () => options.onOutput?.(child, stdout, stderr);
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk;
    heard();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk;
    heard();
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}
