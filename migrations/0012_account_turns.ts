import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- The line in which accounts stand for a worker: whoever was served goes to its end.
    CREATE TABLE account_turns (
      account_id text COLLATE "C" PRIMARY KEY REFERENCES accounts (id),
      served_at timestamptz NOT NULL DEFAULT 'epoch',
      -- Place in the line: when the account was served last, or when its first job falls due if that is later.
      -- NULL: nothing of it is queued.
      next_at timestamptz,
      -- How often something was queued: a claim that leaves the line sees that it was overtaken.
      queued bigint NOT NULL DEFAULT 0
    ) WITH (fillfactor = 50);
    CREATE INDEX account_turns_line ON account_turns (next_at, account_id) WHERE next_at IS NOT NULL;

    CREATE INDEX jobs_queued ON jobs (account_id, priority, run_at, id) WHERE state = 'queued';
    DROP INDEX jobs_due;

    INSERT INTO account_turns (account_id, next_at)
    SELECT account_id, 'epoch' FROM jobs WHERE state = 'queued' GROUP BY account_id;

    -- Triggers, so that nobody who queues a job, of whatever release, can forget the line.
    CREATE FUNCTION stand_in_line() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF TG_OP = 'UPDATE' THEN
        INSERT INTO account_turns AS t (account_id, next_at)
        VALUES (NEW.account_id, CASE WHEN NEW.run_at <= now() THEN 'epoch' ELSE NEW.run_at END)
            ON CONFLICT (account_id) DO UPDATE
           SET next_at = LEAST(t.next_at, greatest(t.served_at, excluded.next_at)), queued = t.queued + 1;
      ELSE
        -- In order: two who queue for the same accounts must not wait for each other.
        INSERT INTO account_turns AS t (account_id, next_at)
        SELECT account_id, CASE WHEN min(run_at) <= now() THEN 'epoch' ELSE min(run_at) END
          FROM fresh WHERE state = 'queued' GROUP BY account_id ORDER BY account_id
            ON CONFLICT (account_id) DO UPDATE
           SET next_at = LEAST(t.next_at, greatest(t.served_at, excluded.next_at)), queued = t.queued + 1;
      END IF;
      RETURN NULL;
    END $$;
    CREATE TRIGGER jobs_added AFTER INSERT ON jobs REFERENCING NEW TABLE AS fresh
      FOR EACH STATEMENT EXECUTE FUNCTION stand_in_line();
    CREATE TRIGGER jobs_queued_again AFTER UPDATE OF state ON jobs
      FOR EACH ROW WHEN (NEW.state = 'queued') EXECUTE FUNCTION stand_in_line();

    GRANT SELECT, INSERT, UPDATE (next_at, queued) ON account_turns TO stager_api;
    GRANT SELECT, INSERT, UPDATE (served_at, next_at, queued) ON account_turns TO stager_worker;
    -- The work of an account that is suspended rests.
    GRANT SELECT (id, suspended_at) ON accounts TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    REVOKE SELECT (id, suspended_at) ON accounts FROM stager_worker;
    DROP TRIGGER jobs_added ON jobs;
    DROP TRIGGER jobs_queued_again ON jobs;
    DROP FUNCTION stand_in_line();
    DROP INDEX jobs_queued;
    CREATE INDEX jobs_due ON jobs (priority, run_at, id) WHERE state = 'queued';
    DROP TABLE account_turns;
  `);
}
