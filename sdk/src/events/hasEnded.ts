import type { ReconcileRun } from '../generated/types.ts';

const WORKING = /^(queued|scanning|apply_queued|applying|undo_queued|undoing)$/;

/** Whether no worker has anything left to do with a run. */
export function hasEnded({ state }: Pick<ReconcileRun, 'state'>): boolean {
  return !WORKING.test(state);
}
