import { type ClaimedRun, ObjectStoreError, PaymentsError, type ScanEnd } from '../../ports/index.ts';
import { OutOfOrder } from './merge.ts';
import { phasesOf } from './phases.ts';
import { StoreRefuses } from './refusals.ts';
import { judge } from './safety.ts';
import { ListingIncomplete, type ReconcileDeps, Scan } from './scan.ts';
import { checkSentinels, placeSentinels, SentinelMissing } from './sentinel.ts';

/**
 * Looks for drift and writes down what it finds; changes nothing else. Goes on behind the checkpoint of a run that was
 * begun by another worker.
 * @returns how it ended
 * @throws Interrupted, StoreUnavailable: another worker goes on; whatever `signal` was aborted with
 */
export async function scanRun(deps: ReconcileDeps, run: ClaimedRun, signal: AbortSignal): Promise<ScanEnd> {
  const expected = 2 * (await deps.store.estimateRows());
  const scan = new Scan(deps, run, signal, await deps.store.now(), expected);
  try {
    const sentinels = await checkSentinels(deps);
    const phases = phasesOf(run).filter(({ kinds }) => kinds.some((kind) => scan.wants(kind)));
    for (let at = scan.checkpoint.phase; at < phases.length; at += 1) {
      const phase = phases[at];
      if (!phase) break;
      scan.begin(phase.name);
      await phase.look(scan, scan.checkpoint.after, sentinels === 'found');
      await scan.save('', at + 1);
    }
    const { sides, findings } = scan.checkpoint;
    const { reason, changesMax } = judge(sides, findings, sentinels);
    if (sentinels === 'not_looked_for' && reason === null && run.projectId === null) {
      await placeSentinels(deps, run);
    }
    return { state: reason ? 'stopped' : 'scanned', reason, changesMax };
  } catch (error) {
    const reason = failureOf(error);
    if (!reason) throw error;
    return { state: 'failed', reason, changesMax: null };
  }
}

/** Why nothing can be concluded; undefined for what is no fault of what was looked at. */
export function failureOf(error: unknown): ScanEnd['reason'] | undefined {
  if (error instanceof OutOfOrder) return { code: 'out_of_order', message: error.message };
  if (error instanceof ListingIncomplete) return { code: 'listing_incomplete', message: error.message };
  if (error instanceof SentinelMissing) return { code: 'sentinel_missing', message: error.message };
  if (error instanceof StoreRefuses) return { code: 'store_refuses', message: error.message };
  if (error instanceof PaymentsError) return { code: 'payments_failed', message: error.message };
  if (error instanceof ObjectStoreError) return { code: 'store_failed', message: error.message };
  return undefined;
}
