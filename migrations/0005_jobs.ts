import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE jobs (
      id text COLLATE "C" PRIMARY KEY,
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      image_id text COLLATE "C" NOT NULL,
      -- 0 runs first. The claim looks at each of the three by itself.
      priority smallint NOT NULL CHECK (priority BETWEEN 0 AND 2),
      state text COLLATE "C" NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'running', 'done', 'dead', 'canceled')),
      run_at timestamptz NOT NULL DEFAULT now(),
      attempt integer NOT NULL DEFAULT 0 CHECK (attempt >= 0),
      max_attempts integer NOT NULL CHECK (max_attempts > 0),
      lease uuid,
      lease_until timestamptz,
      last_error json,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      FOREIGN KEY (account_id, image_id) REFERENCES images (account_id, id),
      CHECK ((state = 'running') = (lease IS NOT NULL)),
      CHECK ((lease IS NULL) = (lease_until IS NULL))
    );
    CREATE UNIQUE INDEX jobs_open ON jobs (account_id, image_id) WHERE state IN ('queued', 'running');
    CREATE INDEX jobs_due ON jobs (priority, run_at, id) WHERE state = 'queued';
    CREATE INDEX jobs_expired ON jobs (lease_until) WHERE state = 'running';
    CREATE UNIQUE INDEX jobs_lease ON jobs (lease) WHERE state = 'running';

    GRANT SELECT, INSERT ON jobs TO stager_api;
    GRANT UPDATE (state, lease, lease_until, updated_at) ON jobs TO stager_api;
    GRANT SELECT ON jobs TO stager_worker;
    GRANT UPDATE (state, run_at, attempt, lease, lease_until, last_error, updated_at) ON jobs TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE jobs');
}
