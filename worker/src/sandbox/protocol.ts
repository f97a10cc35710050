import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import type { EngineInput, EngineResult } from '../engines/types.ts';

/**
 * What the pool and its children say to each other: one JSON document a line, over one socket. The parent
 * takes a child for compromised: lines and whole jobs have a size limit, and every message is parsed.
 */

/** The descriptor of the socket in the child. */
export const WIRE_FD = 3;
const LINE_MAX = 1024 * 1024;
/** All that a child may say during one job. */
export const JOB_BYTES_MAX = 4 * 1024 * 1024;

export interface RunMessage {
  readonly type: 'run';
  readonly id: number;
  readonly engine: string;
  readonly input: EngineInput;
  readonly workDir: string;
}

const Output = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/),
  path: z.string().min(1).max(4096),
  contentType: z.string().regex(/^(image\/[a-z0-9.+-]{1,40}|application\/json)$/),
  width: z.int().min(1).max(100_000),
  height: z.int().min(1).max(100_000),
});

const Result = z.strictObject({
  outputs: z.array(Output).min(1).max(40),
  info: z.record(z.string(), z.json()),
});

const Failure = z.strictObject({
  code: z.string().regex(/^[a-z][a-z0-9_]{0,59}$/),
  message: z.string().max(2000),
  retryable: z.boolean(),
  hint: z.string().max(2000).optional(),
  /** For the log, never for the owner of the job. */
  detail: z.string().max(8000).optional(),
});

const ChildMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('ready') }),
  z.strictObject({ type: z.literal('memory'), bytes: z.number().min(0) }),
  z.strictObject({
    type: z.literal('progress'),
    id: z.int(),
    fraction: z.number().min(0).max(1),
    stage: z.string().max(60),
  }),
  z.strictObject({ type: z.literal('done'), id: z.int(), result: Result }),
  z.strictObject({ type: z.literal('failed'), id: z.int(), error: Failure }),
]);
export type ChildMessage = z.output<typeof ChildMessage>;

/** What a child says, before JSON has made its result plain. */
export type SentMessage =
  | Exclude<ChildMessage, { type: 'done' }>
  | { readonly type: 'done'; readonly id: number; readonly result: EngineResult };

export function encodeLine(message: RunMessage | SentMessage): string {
  return `${JSON.stringify(message)}\n`;
}

/** Throws for anything that a child of this build would not say. */
export function parseChildMessage(line: string): ChildMessage {
  return ChildMessage.parse(JSON.parse(line));
}

/** Cuts a stream into lines. Throws when a line has more than 1 MiB. */
export function createLineReader(): (chunk: Buffer) => string[] {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  return (chunk) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LINE_MAX) throw new Error(`a line has more than ${LINE_MAX} characters`);
    return lines;
  };
}
