import type { ReconcileStore } from '../../../ports/index.ts';
import { openDatabase } from '../database.ts';
import type { StoreOptions } from '../store.ts';
import { repairsOn } from './repairs.ts';
import { rowsOn } from './rows.ts';
import { runsOn } from './runs.ts';

/**
 * What runs need, over all accounts. A repair moves an object while its transaction is open, so that one may wait longer
 * for its program than a request may.
 */
export function createPostgresReconcileStore(options: StoreOptions): ReconcileStore {
  const db = openDatabase({
    applicationName: 'stager-reconcile',
    statementTimeoutMs: 60_000,
    idleInTransactionMs: 120_000,
    ...options,
  });
  return {
    ...runsOn(db),
    ...rowsOn(db.pool),
    ...repairsOn(db),
    check: db.check,
    close: db.close,
  };
}
