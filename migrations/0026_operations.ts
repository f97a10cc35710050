import type { Knex } from 'knex';

/** What operators look at, over all accounts; they change nothing of it. */
const SEEN: Readonly<Record<string, string>> = {
  account_turns: 'account_id, next_at',
  billing_accounts: 'account_id, pay_as_you_go, pay_as_you_go_cap',
  // Not what customers call their photos, nor what is in them.
  image_outputs: 'account_id, size',
  images: 'account_id, id, project_id, engine, state, error, deleted_at',
  jobs: 'account_id, id, image_id, priority, state, run_at, attempt, max_attempts, lease_until, last_error, created_at, updated_at',
  originals: 'account_id, size',
  subscriptions:
    'account_id, id, plan, status, period_start, period_end, cancel_at_period_end, past_due_since',
  usage_periods: 'account_id, period_start, period_end, units, overage, warned_limit, exhausted_limit',
};

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  for (const [table, columns] of Object.entries(SEEN)) {
    await knex.raw(`
      GRANT SELECT (${columns}) ON ${table} TO stager_admin;
      CREATE POLICY admin_looks ON ${table} FOR SELECT TO stager_admin USING (true)`);
  }
  await knex.raw(`
    CREATE INDEX jobs_by_image ON jobs (account_id, image_id DESC, id DESC);
    CREATE INDEX jobs_listed_queued ON jobs (id) WHERE state = 'queued';
    CREATE INDEX jobs_listed_running ON jobs (id) WHERE state = 'running';
    CREATE INDEX jobs_listed_dead ON jobs (id) WHERE state = 'dead';
    -- Read without their tables, to be summed up.
    CREATE INDEX originals_sizes ON originals (account_id) INCLUDE (size);
    CREATE INDEX image_outputs_sizes ON image_outputs (account_id) INCLUDE (size);
    -- A dead job is queued again by an operator, within the account.
    GRANT UPDATE (run_at, attempt) ON jobs TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    REVOKE UPDATE (run_at, attempt) ON jobs FROM stager_api;
    DROP INDEX image_outputs_sizes, originals_sizes, jobs_listed_dead, jobs_listed_running, jobs_listed_queued,
      jobs_by_image`);
  for (const [table, columns] of Object.entries(SEEN)) {
    await knex.raw(`
      DROP POLICY admin_looks ON ${table};
      REVOKE SELECT (${columns}) ON ${table} FROM stager_admin`);
  }
}
