import type { ClaimedRun, FindingRow, ReconcileRunRow } from '../../ports/index.ts';
import { Interrupted, type ReconcileDeps } from './scan.ts';
import { failureOf } from './scanRun.ts';

/** Findings that are asked for together. */
export const PAGE = 200;

export interface ActEnd {
  readonly state: 'applied' | 'undone' | 'failed';
  readonly reason: ReconcileRunRow['reason'];
}

/** Acts, and tells how that has ended. */
export async function acting(
  state: 'applied' | 'undone',
  act: () => Promise<ReconcileRunRow['reason']>,
): Promise<ActEnd> {
  try {
    const reason = await act();
    return reason ? { state: 'failed', reason } : { state, reason: null };
  } catch (error) {
    const reason = failureOf(error);
    if (!reason) throw error;
    return { state: 'failed', reason };
  }
}

export async function* findingsOf({ store }: ReconcileDeps, run: ClaimedRun): AsyncGenerator<FindingRow> {
  for (let after = 0; ; ) {
    const page = await store.findings(run.id, after, PAGE);
    yield* page;
    after = page.at(-1)?.seq ?? after;
    if (page.length < PAGE) return;
  }
}

export async function report(deps: ReconcileDeps, run: ClaimedRun, done: number): Promise<void> {
  const phase = run.state === 'undoing' ? 'undo' : 'apply';
  const hold = await deps.store.saveProgress(run, { ...run.progress, phase, done }, deps.leaseMs);
  if (hold !== 'held') throw new Interrupted(hold);
}
