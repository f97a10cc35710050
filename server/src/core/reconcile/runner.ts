import type { ClaimedRun } from '../../ports/index.ts';
import { applyRun } from './apply.ts';
import { Interrupted, type ReconcileDeps } from './scan.ts';
import { scanRun } from './scanRun.ts';
import { undoRun } from './undo.ts';

/**
 * Works on one run that is due, if there is any: scans, applies or undoes it, whatever it is in the middle of.
 * @returns the run, with how it ended; undefined when none was due
 */
export async function workOnDueRun(
  deps: ReconcileDeps,
  stopping: AbortSignal,
): Promise<{ readonly run: ClaimedRun; readonly ended: string } | undefined> {
  const run = await deps.store.claim(deps.leaseMs);
  if (!run) return undefined;
  const interrupted = new AbortController();
  const signal = AbortSignal.any([stopping, interrupted.signal]);
  // Between two checkpoints a single object may take longer to read than the lease lasts.
  let beating = false;
  const heart = setInterval(() => {
    // A repair holds the run and may need a second connection: beats that wait for it must not take them all.
    if (beating) return;
    beating = true;
    deps.store
      .renew(run, deps.leaseMs)
      .then((hold) => hold === 'held' || interrupted.abort(new Interrupted(hold)), ignore)
      .finally(() => {
        beating = false;
      });
  }, deps.leaseMs / 3);
  try {
    return { run, ended: await workOn(deps, run, signal) };
  } catch (error) {
    if (error instanceof Interrupted) return { run, ended: await endInterrupted(deps, run, error) };
    // Nothing is wrong with the run: another worker, or this one, goes on behind its checkpoint.
    await deps.store.release(run).catch(ignore);
    if (stopping.aborted) return { run, ended: 'released' };
    throw error;
  } finally {
    clearInterval(heart);
  }
}

async function workOn(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<string> {
  if (run.state === 'scanning') {
    const end = await scanRun(deps, run, signal);
    await deps.store.endScan(run, end);
    return end.state;
  }
  const end = run.state === 'applying' ? await applyRun(deps, run, signal) : await undoRun(deps, run, signal);
  await deps.store.endAct(run, end.state, end.reason);
  return end.state;
}

async function endInterrupted(deps: ReconcileDeps, run: ClaimedRun, { why }: Interrupted): Promise<string> {
  if (why === 'lost') return 'lost';
  const reason = { code: 'canceled', message: 'It was canceled; what was decided before stays.' };
  await deps.store.endScan(run, { state: 'canceled', reason, changesMax: run.changesMax });
  return 'canceled';
}

function ignore(): void {}
