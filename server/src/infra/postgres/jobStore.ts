import type { JobStore } from '../../ports/index.ts';
import { claimJobs, listDue } from './claim.ts';
import { createCompletions } from './completions.ts';
import { openDatabase } from './database.ts';
import { listDead, replayDead } from './deadLetters.ts';
import { drainOutbox } from './outbox.ts';
import { forgetUploads, listStaleUploads, prune } from './prune.ts';
import { reapExpired } from './reap.ts';
import { failJob, releaseJob, reportProgress } from './settle.ts';
import { sql } from './sql.ts';
import type { StoreOptions } from './store.ts';
import { firstTurn } from './turns.ts';

/**
 * Jobs as worker and relay see them. A worker that freezes amid a transaction holds the event heads of accounts, in which
 * nobody writes anything meanwhile: it loses its connection soon.
 */
export function createPostgresJobStore(options: StoreOptions): JobStore {
  const db = openDatabase({
    applicationName: 'stager-worker',
    statementTimeoutMs: 30_000,
    idleInTransactionMs: 10_000,
    prepare: true,
    ...options,
  });
  const complete = createCompletions(db);
  return {
    claim: (limit, leaseMs) => (limit < 1 ? Promise.resolve([]) : claimJobs(db, limit, leaseMs)),

    async renew(leases, leaseMs) {
      if (leases.length === 0) return { lost: [], busy: [] };
      // Who waited for one job here would hold the others meanwhile, and leave all of them to expire.
      const rows = await db.pool.rows<{ lease: string; renewed: boolean }>(sql`
        WITH mine AS MATERIALIZED (
          SELECT j.id, j.lease FROM jobs j, accounts a
           WHERE j.lease = ANY(${leases}::uuid[]) AND j.state = 'running'
             AND a.id = j.account_id AND a.suspended_at IS NULL),
        free AS MATERIALIZED (
          SELECT j.id FROM mine JOIN jobs j ON j.id = mine.id AND j.lease = mine.lease
             FOR UPDATE OF j SKIP LOCKED),
        renewed AS (
          UPDATE jobs SET lease_until = clock_timestamp() + ${leaseMs} * interval '1 ms'
            FROM free WHERE jobs.id = free.id
          RETURNING jobs.id)
        SELECT mine.lease, renewed.id IS NOT NULL AS renewed FROM mine LEFT JOIN renewed USING (id)`);
      const kept = new Set(rows.map(({ lease }) => lease));
      const busy = rows.flatMap(({ lease, renewed }) => (renewed ? [] : [lease]));
      return { lost: leases.filter((lease) => !kept.has(lease)), busy };
    },

    progress: (job, progress, stage) => reportProgress(db, job, progress, stage),
    complete: (job, outputs) => complete({ job, outputs }),
    fail: (job, error, retryAt) => failJob(db, job, error, retryAt),
    release: (job) => releaseJob(db, job),
    reapExpired: (limit) => reapExpired(db, limit),

    listDead: (filter) => listDead(db.pool, filter),
    replay: (ids, principal) => replayDead(db, ids, principal),

    async listDue(limit) {
      const rows = await db.pool.rows<{ id: string }>(listDue(limit));
      return rows.map(({ id }) => id);
    },

    async msToNextDue() {
      const rows = await db.pool.rows<{ ms: number }>(firstTurn());
      return rows[0] === undefined ? null : Math.max(0, Math.ceil(rows[0].ms));
    },

    drainOutbox: (kinds, limit, handle) => drainOutbox(db, kinds, limit, handle),
    prune: (now) => prune(db, now),

    listStaleUploads: (ended, limit) => listStaleUploads(db, ended, limit),
    forgetUploads: (ended, ids) => forgetUploads(db, ended, ids),

    check: db.check,
    close: db.close,
  };
}
