import { setTimeout as delay } from 'node:timers/promises';
import type { ReconcileEvent } from '../../contract/index.ts';
import type { AdminStore, Clock } from '../../ports/index.ts';
import { DomainError } from '../errors.ts';
import { isWorking, presentRun } from './present.ts';

/** Runs are few, and so are those who follow them: they are asked for. */
const POLL_MS = 500;

export interface SentRun {
  /** There is nothing to resume behind: whoever comes again is told how the run is then. */
  readonly id: undefined;
  readonly event: ReconcileEvent;
}

/** The run whenever it has changed, until no worker has anything to do with it or the signal fires. */
export async function* followRun(
  { admin, clock, pingMs }: { readonly admin: AdminStore; readonly clock: Clock; readonly pingMs: number },
  id: string,
  signal: AbortSignal,
): AsyncGenerator<SentRun> {
  let told = '';
  let pingAt = performance.now() + pingMs;
  while (!signal.aborted) {
    const row = await admin.transaction((tx) => tx.reconcile.get(id));
    if (!row) throw new DomainError('not_found', `There is no run ${id}.`);
    const run = presentRun(row);
    const text = JSON.stringify(run);
    if (text !== told) yield { id: undefined, event: { type: 'run', run } };
    told = text;
    if (!isWorking(row)) return;
    if (performance.now() >= pingAt) {
      pingAt = performance.now() + pingMs;
      yield { id: undefined, event: { type: 'ping', at: clock.now().toISOString() } };
    }
    await delay(POLL_MS, undefined, { signal }).catch(() => undefined);
  }
}
