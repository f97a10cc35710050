import type { Knex } from 'knex';

const TABLES = ['reconcile_runs', 'reconcile_findings', 'reconcile_kept'];
/** In these states somebody has to do something. */
const OPEN = `('queued', 'scanning', 'apply_queued', 'applying', 'undo_queued', 'undoing')`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE reconcile_runs (
      id text COLLATE "C" PRIMARY KEY,
      -- Of the one project that the run is about; NULL: of nobody.
      account_id text COLLATE "C",
      project_id text COLLATE "C",
      kinds text[],
      since timestamptz,
      deep boolean NOT NULL DEFAULT false,
      scheduled boolean NOT NULL DEFAULT false,
      requested_by text NOT NULL,
      state text COLLATE "C" NOT NULL DEFAULT 'queued' CHECK (state IN
        ('queued', 'scanning', 'scanned', 'stopped', 'failed', 'canceled', 'apply_queued', 'applying', 'applied',
         'undo_queued', 'undoing', 'undone')),
      reason json,
      progress json NOT NULL DEFAULT '{"phase": "waiting", "rows": 0, "objects": 0, "expected": 0, "done": 0}',
      checkpoint json,
      changes_max integer,
      sentinel boolean NOT NULL DEFAULT false,
      cancel_asked boolean NOT NULL DEFAULT false,
      applied_by text,
      override boolean NOT NULL DEFAULT false,
      undone_by text,
      lease uuid,
      lease_until timestamptz,
      created_at timestamptz NOT NULL DEFAULT now(),
      started_at timestamptz,
      finished_at timestamptz,
      updated_at timestamptz NOT NULL DEFAULT now(),
      CHECK ((lease IS NULL) = (lease_until IS NULL)),
      CHECK (state NOT IN ('apply_queued', 'applying', 'applied') OR applied_by IS NOT NULL),
      CHECK (state NOT IN ('undo_queued', 'undoing', 'undone') OR undone_by IS NOT NULL)
    );
    -- One at a time per scope.
    CREATE UNIQUE INDEX reconcile_runs_open ON reconcile_runs ((coalesce(project_id, ''))) WHERE state IN ${OPEN};
    CREATE INDEX reconcile_runs_due ON reconcile_runs (created_at) WHERE state IN ${OPEN};
    CREATE INDEX reconcile_runs_scheduled ON reconcile_runs (created_at) WHERE scheduled;
    CREATE INDEX reconcile_runs_sentinel ON reconcile_runs (id) WHERE sentinel;

    CREATE TABLE reconcile_findings (
      run_id text COLLATE "C" NOT NULL REFERENCES reconcile_runs (id),
      seq bigint NOT NULL CHECK (seq > 0),
      -- Whom it is about. No reference: an object without a row may name an account that is gone.
      account_id text COLLATE "C",
      kind text COLLATE "C" NOT NULL,
      project_id text COLLATE "C",
      subject text COLLATE "C",
      bucket text COLLATE "C",
      key text COLLATE "C",
      version text,
      etag text,
      expected text,
      found text,
      repair text COLLATE "C" NOT NULL,
      state text COLLATE "C" NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'applied', 'skipped', 'undone')),
      outcome text,
      decided_at timestamptz,
      PRIMARY KEY (run_id, seq)
    );
    CREATE INDEX reconcile_findings_by_kind ON reconcile_findings (run_id, kind, seq);
    CREATE INDEX reconcile_findings_by_state ON reconcile_findings (run_id, state, seq);

    -- Objects that were put aside: they can be put back until they are purged.
    CREATE TABLE reconcile_kept (
      run_id text COLLATE "C" NOT NULL,
      seq bigint NOT NULL,
      account_id text COLLATE "C",
      bucket text COLLATE "C" NOT NULL,
      key text COLLATE "C" NOT NULL,
      kept_bucket text COLLATE "C" NOT NULL,
      kept_key text COLLATE "C" NOT NULL,
      etag text NOT NULL,
      kept_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (run_id, seq),
      FOREIGN KEY (run_id, seq) REFERENCES reconcile_findings (run_id, seq)
    );
    CREATE INDEX reconcile_kept_by_age ON reconcile_kept (kept_at);
    CREATE INDEX reconcile_kept_by_key ON reconcile_kept (bucket, key, kept_at);

    -- Listings are compared with rows in the order of their keys.
    CREATE INDEX originals_by_key ON originals (object_key, id);
    CREATE INDEX image_outputs_by_key ON image_outputs (object_key, image_id);
    CREATE INDEX uploads_by_key ON uploads (object_key, id);
    CREATE INDEX jobs_open_by_id ON jobs (id) WHERE state IN ('queued', 'running');

    -- A unit whose end was missed ends as its image has. Workers may do this and nothing else to the ledger.
    CREATE FUNCTION catch_up_unit(owner text, image text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
      ended text;
    BEGIN
      SELECT state INTO ended FROM images
       WHERE account_id = owner AND id = image AND state IN ('ready', 'error', 'canceled');
      IF ended IS NULL THEN RETURN; END IF;
      IF ended <> 'ready' THEN
        PERFORM refund_unit(owner, image, ended);
        RETURN;
      END IF;
      UPDATE ledger SET state = 'settled', ended_at = now(), reason = ended
       WHERE account_id = owner AND image_id = image AND state = 'reserved' AND NOT overage;
      IF NOT FOUND THEN PERFORM settle_overage(owner, image, ended); END IF;
    END $$;
    REVOKE ALL ON FUNCTION catch_up_unit FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION catch_up_unit TO stager_worker;

    -- The photo is not in the store any more: it may be sent again.
    ALTER TABLE originals ADD COLUMN lost_at timestamptz;
    GRANT UPDATE (lost_at) ON originals TO stager_api, stager_worker;
  `);
  for (const table of TABLES) {
    await knex.raw(`
      ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
      ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
      CREATE POLICY owner_all ON ${table} TO stager_owner USING (true) WITH CHECK (true);
      CREATE POLICY worker_all ON ${table} TO stager_worker USING (true) WITH CHECK (true);
      CREATE POLICY admin_all ON ${table} TO stager_admin USING (true) WITH CHECK (true);
      -- Requests of customers have no rights to any of it; this says so once more.
      CREATE POLICY api_own ON ${table} TO stager_api
        USING (account_id = current_setting('stager.account', true))
        WITH CHECK (account_id = current_setting('stager.account', true))`);
  }
  await knex.raw(`
    GRANT SELECT ON reconcile_runs, reconcile_findings, reconcile_kept TO stager_admin, stager_worker;
    -- Only admins ask for changes: neither the schedule nor a worker can write who applied or undid a run, and without
    -- that no run comes into a state in which anything is changed.
    GRANT INSERT (id, account_id, project_id, kinds, since, deep, requested_by) ON reconcile_runs TO stager_admin;
    GRANT UPDATE (state, cancel_asked, applied_by, override, undone_by, updated_at) ON reconcile_runs TO stager_admin;
    GRANT INSERT (id, deep, scheduled, requested_by) ON reconcile_runs TO stager_worker;
    GRANT UPDATE (state, reason, progress, checkpoint, changes_max, sentinel, lease, lease_until, started_at, finished_at,
                  updated_at) ON reconcile_runs TO stager_worker;
    GRANT INSERT ON reconcile_findings, reconcile_kept TO stager_worker;
    GRANT UPDATE (state, outcome, decided_at) ON reconcile_findings TO stager_worker;
    GRANT DELETE ON reconcile_kept TO stager_worker;
    -- Repairs: an image is made once more, and what it had is forgotten.
    GRANT INSERT ON jobs TO stager_worker;
    GRANT DELETE ON image_outputs TO stager_worker;
    -- A row lock needs the right to update some column.
    GRANT UPDATE (expires_at) ON uploads TO stager_worker;
    GRANT SELECT (account_id, id) ON projects TO stager_admin;
    CREATE POLICY admin_all ON projects TO stager_admin USING (true) WITH CHECK (true);
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION catch_up_unit;
    DROP POLICY admin_all ON projects;
    REVOKE SELECT (account_id, id) ON projects FROM stager_admin;
    REVOKE UPDATE (expires_at) ON uploads FROM stager_worker;
    REVOKE DELETE ON image_outputs FROM stager_worker;
    REVOKE INSERT ON jobs FROM stager_worker;
    REVOKE UPDATE (lost_at) ON originals FROM stager_api, stager_worker;
    ALTER TABLE originals DROP COLUMN lost_at;
    DROP INDEX jobs_open_by_id, uploads_by_key, image_outputs_by_key, originals_by_key;
    DROP TABLE reconcile_kept, reconcile_findings, reconcile_runs`);
}
