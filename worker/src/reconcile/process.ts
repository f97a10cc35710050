import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { WorkerConfig } from '../config.ts';
import { besides, loaderArguments } from '../sandbox/location.ts';

/** What the process of runs is told: first the configuration, then perhaps to stop. */
export type ToRuns =
  | {
      readonly type: 'work';
      readonly config: WorkerConfig;
      /** For those who measure: so far ahead of the database its clock is taken to be, milliseconds. */
      readonly aheadMs?: number;
    }
  | { readonly type: 'stop' };

/** What it tells: each run that it is done with, or why it gives up. */
export type FromRuns =
  | { readonly type: 'worked'; readonly runId: string; readonly ended: string }
  | { readonly type: 'failed'; readonly error: Error };

/**
 * V8 lets garbage lie for as long as the machine has memory. What a run holds, a few pages of both sides and what was
 * found in them, is 40 MiB, however many there are.
 */
const FRUGAL = ['--max-semi-space-size=8', '--max-old-space-size=96'];
const ENTRY = besides('runs', import.meta.url);
/** Longer than giving a run back takes. */
const STOP_MS = 15_000;

/** A process that waits for `ToRuns`, and says `FromRuns`. @param options of Node, for those who measure */
export function startRuns(options: readonly string[] = []): ChildProcess {
  return fork(fileURLToPath(ENTRY), [], {
    execArgv: [...FRUGAL, ...options, ...loaderArguments(ENTRY)],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
}

/**
 * Works on all runs that are due, in a process of its own: a large run neither grows the worker nor holds up its leases,
 * and what it took is free again at its end.
 * @throws Error when the process fails, or ends too early; its run is another one's then
 */
export async function workApart(
  config: WorkerConfig,
  signal: AbortSignal,
  onWorked: (runId: string, ended: string) => void,
): Promise<void> {
  const child = startRuns();
  const exit = once(child, 'exit');
  // One that is gone hears nothing, and its exit says so.
  const tell = (message: ToRuns) => child.send(message, () => undefined);
  let failure: Error | undefined;
  // The child is of the same build.
  child.on('message', (message: FromRuns) => {
    if (message.type === 'failed') failure = message.error;
    else onWorked(message.runId, message.ended);
  });
  let impatience: NodeJS.Timeout | undefined;
  const stop = () => {
    tell({ type: 'stop' });
    impatience = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  };
  tell({ type: 'work', config });
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  try {
    const [code, killedBy] = await exit;
    if (failure) throw failure;
    if (code !== 0 && !signal.aborted)
      throw new Error(`The process of reconciliation has ended with ${killedBy ?? code}.`);
  } finally {
    clearTimeout(impatience);
    signal.removeEventListener('abort', stop);
  }
}
