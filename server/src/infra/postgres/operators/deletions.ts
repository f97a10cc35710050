import type { ClaimedDeletion, DeletionJobs, DeletionRow, DeletionsTx } from '../../../ports/index.ts';
import { openDatabase } from '../database.ts';
import { behind, toPage } from '../pages.ts';
import { first, type Sql, type Statement, sql } from '../sql.ts';
import type { StoreOptions } from '../store.ts';

/** As the database has it: bigint comes as text. */
type Stored = Omit<DeletionRow, 'objects' | 'bytes'> & { objects: string; bytes: string };

const DELETION = sql`
  id, account AS "accountId", requested_by AS "requestedBy", requested_at AS "requestedAt", due_at AS "dueAt",
  canceled_at AS "canceledAt", started_at AS "startedAt", last_look_at AS "lastLookAt", rows_gone_at AS "rowsGoneAt",
  finished_at AS "finishedAt", rows, objects, bytes, keys_hash AS "keysHash"`;

export function deletionsOn(db: Sql): DeletionsTx {
  const deletions = async (statement: Statement): Promise<DeletionRow[]> =>
    (await db.rows<Stored>(statement)).map((row) => ({
      ...row,
      objects: Number(row.objects),
      bytes: Number(row.bytes),
    }));
  return {
    async latest(accountId) {
      const [row] = await deletions(sql`
        SELECT ${DELETION} FROM account_deletions WHERE account = ${accountId} ORDER BY id DESC ${first(1)}`);
      return row;
    },

    async list(page) {
      const rows = await deletions(sql`
        SELECT ${DELETION} FROM account_deletions WHERE TRUE ${behind(page, sql`id`)}
         ORDER BY id DESC ${first(page.limit + 1)}`);
      return toPage(rows, page.limit);
    },

    async create({ id, accountId, requestedBy, dueAt }) {
      await db.run(sql`
        INSERT INTO account_deletions (id, account, requested_by, due_at)
        VALUES (${id}, ${accountId}, ${requestedBy}, ${dueAt})`);
    },

    async cancel(id) {
      const changed = await db.run(sql`
        UPDATE account_deletions SET canceled_at = now()
         WHERE id = ${id} AND started_at IS NULL AND canceled_at IS NULL`);
      return changed > 0;
    },

    async hasOperators(accountId) {
      const rows = await db.rows(sql`
        SELECT 1 FROM members WHERE account_id = ${accountId} AND role = 'admin' ${first(1)}`);
      return rows.length > 0;
    },

    async runningSubscription(accountId) {
      const [row] = await db.rows<{ id: string; plan: string; status: string }>(sql`
        SELECT id, plan, status FROM subscriptions
         WHERE account_id = ${accountId} AND status NOT IN ('canceled', 'incomplete_expired') ${first(1)}`);
      return row;
    },
  };
}

export function createPostgresDeletionJobs(options: StoreOptions): DeletionJobs {
  const db = openDatabase({
    applicationName: 'stager-deletions',
    statementTimeoutMs: 60_000,
    idleInTransactionMs: 15_000,
    ...options,
  });
  const held = ({ id, lease }: ClaimedDeletion) => sql`id = ${id} AND lease = ${lease}`;
  const until = (leaseMs: number) => sql`clock_timestamp() + ${leaseMs} * interval '1 ms'`;
  return {
    async claim(leaseMs) {
      const [row] = await db.pool.rows<ClaimedDeletion>(sql`
        UPDATE account_deletions d
           SET lease = gen_random_uuid(), lease_until = ${until(leaseMs)}, started_at = coalesce(d.started_at, now()),
               last_look_at = coalesce(d.last_look_at, greatest(
                 now(),
                 -- As the sweeper has it: behind the end of a link and the longest transfer.
                 (SELECT max(expires_at) + interval '1 hour' FROM uploads WHERE account_id = d.account),
                 -- What a worker is making may be stored until it learns that its lease is lost.
                 (SELECT max(lease_until) + interval '10 minutes' FROM jobs
                   WHERE account_id = d.account AND state = 'running')))
         WHERE d.id = (
               SELECT id FROM account_deletions
                WHERE canceled_at IS NULL AND finished_at IS NULL AND due_at <= now()
                  AND (lease IS NULL OR lease_until < now()) AND (rows_gone_at IS NULL OR last_look_at <= now())
                  -- Paid for since it was ordered, at a page that was open: Stripe would go on charging for nothing.
                  AND NOT EXISTS (SELECT 1 FROM subscriptions s
                                   WHERE s.account_id = account_deletions.account
                                     AND s.status NOT IN ('canceled', 'incomplete_expired'))
                ORDER BY due_at ${first(1)} FOR UPDATE SKIP LOCKED)
        RETURNING d.id, d.account AS "accountId", d.lease, coalesce(d.pending, '[]') AS pending,
                  d.keys_hash AS "keysHash", d.last_look_at <= now() AS "isLastLook"`);
      return row;
    },

    async note(deletion, { pending, bytes, keysHash }, leaseMs) {
      const changed = await db.pool.run(sql`
        UPDATE account_deletions
           SET pending = ${JSON.stringify(pending)}::json, objects = objects + ${pending.length},
               bytes = bytes + ${bytes}, keys_hash = ${keysHash}, lease_until = ${until(leaseMs)}
         WHERE ${held(deletion)}`);
      return changed > 0;
    },

    eraseRows: (deletion, batch, leaseMs) =>
      db.transaction(async (tx) => {
        await tx.run(
          sql`UPDATE account_deletions SET lease_until = ${until(leaseMs)} WHERE ${held(deletion)}`,
        );
        const [row] = await tx.rows<{ gone: number | null }>(sql`
          SELECT erase_account_rows(${deletion.id}, ${deletion.lease}, ${batch}) AS gone`);
        return row?.gone ?? undefined;
      }),

    async release(deletion) {
      await db.pool.run(
        sql`UPDATE account_deletions SET lease = NULL, lease_until = NULL WHERE ${held(deletion)}`,
      );
    },

    async finish(deletion) {
      const changed = await db.pool.run(sql`
        UPDATE account_deletions SET finished_at = now(), pending = NULL, lease = NULL, lease_until = NULL
         WHERE ${held(deletion)} AND rows_gone_at IS NOT NULL AND last_look_at <= now()`);
      return changed > 0;
    },

    close: db.close,
  };
}
