import { StoreUnavailable } from '../../ports/index.ts';
import type { Database } from './database.ts';
import { type Completed, completeJob, completeJobs } from './settle.ts';

/** Jobs of one transaction: what it holds, it holds until its commit. */
const MOST = 100;

interface Waiting {
  readonly completed: Completed;
  readonly settled: PromiseWithResolvers<boolean>;
}

/**
 * Ends jobs that have succeeded. Nobody is waited for, but those that come while a transaction is under way share the
 * next one, so that a worker with many places waits for few commits.
 * @returns a function that tells whether the lease was still held
 */
export function createCompletions(db: Database): (completed: Completed) => Promise<boolean> {
  const waiting: Waiting[] = [];
  let running = false;

  async function run(): Promise<void> {
    running = true;
    // Those that end in the same moment go together.
    await new Promise(setImmediate);
    while (waiting.length > 0) await completeTogether(db, waiting.splice(0, MOST));
    running = false;
  }

  return (completed) => {
    const settled = Promise.withResolvers<boolean>();
    waiting.push({ completed, settled });
    if (!running) void run();
    return settled.promise;
  };
}

/** What cannot be done with the others is left to a transaction of its own, which nobody else waits for. Never throws. */
async function completeTogether(db: Database, batch: readonly Waiting[]): Promise<void> {
  const ended = await completeJobs(
    db,
    batch.map(({ completed }) => completed),
  ).catch((error: unknown) => {
    // Any other error may be the fault of one of them.
    return error instanceof StoreUnavailable ? error : new Set<string>();
  });
  for (const { completed, settled } of batch) {
    if (ended instanceof Error) settled.reject(ended);
    else settled.resolve(ended.has(completed.job.id) || completeJob(db, completed));
  }
}
