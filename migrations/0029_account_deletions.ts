import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- What becomes of accounts that are to be deleted, and in the end the proof. It outlives them, so that it refers to
    -- nothing, and holds ids, counts and a hash alone.
    CREATE TABLE account_deletions (
      id text COLLATE "C" PRIMARY KEY,
      account text COLLATE "C" NOT NULL,
      requested_by text NOT NULL,
      requested_at timestamptz NOT NULL DEFAULT now(),
      due_at timestamptz NOT NULL,
      canceled_at timestamptz,
      started_at timestamptz,
      -- Links to upload have ended by then, and what was under way has arrived.
      last_look_at timestamptz,
      rows_gone_at timestamptz,
      finished_at timestamptz,
      -- Rows by table.
      rows jsonb NOT NULL DEFAULT '{}',
      objects bigint NOT NULL DEFAULT 0,
      bytes bigint NOT NULL DEFAULT 0,
      -- Over the keys in the order of their removal, each joined to the hash before it.
      keys_hash text NOT NULL DEFAULT '',
      -- Objects that are counted and being removed.
      pending json,
      lease uuid,
      lease_until timestamptz,
      CHECK ((lease IS NULL) = (lease_until IS NULL)),
      CHECK (finished_at IS NULL OR rows_gone_at IS NOT NULL),
      CHECK (canceled_at IS NULL OR started_at IS NULL)
    );
    CREATE UNIQUE INDEX account_deletions_one ON account_deletions (account) WHERE canceled_at IS NULL;
    CREATE INDEX account_deletions_by_account ON account_deletions (account, id DESC);
    CREATE INDEX account_deletions_due ON account_deletions (due_at) WHERE canceled_at IS NULL AND finished_at IS NULL;
    ALTER TABLE account_deletions ENABLE ROW LEVEL SECURITY;
    ALTER TABLE account_deletions FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner_all ON account_deletions TO stager_owner USING (true) WITH CHECK (true);
    CREATE POLICY api_none ON account_deletions TO stager_api USING (false) WITH CHECK (false);
    CREATE POLICY admin_all ON account_deletions TO stager_admin USING (true) WITH CHECK (true);
    CREATE POLICY worker_open ON account_deletions TO stager_worker USING (canceled_at IS NULL);
    -- Operators order and cancel, and cannot write a proof; workers carry out, and cannot order.
    GRANT SELECT, INSERT (id, account, requested_by, due_at), UPDATE (canceled_at) ON account_deletions TO stager_admin;
    GRANT SELECT, UPDATE (started_at, last_look_at, finished_at, objects, bytes, keys_hash, pending, lease, lease_until)
      ON account_deletions TO stager_worker;

    -- Acts of operators on an account stay when the account goes: nobody wipes traces of their own by it.
    ALTER TABLE audit DROP CONSTRAINT audit_account_id_fkey;
    CREATE INDEX audit_origins_by_account ON audit_origins (account_id);
    CREATE INDEX images_by_original ON images (account_id, original_id);
    CREATE INDEX uploads_by_original ON uploads (account_id, original_id);
    CREATE INDEX reconcile_findings_by_account ON reconcile_findings (account_id) WHERE account_id IS NOT NULL;
    CREATE INDEX stripe_events_by_customer ON stripe_events (customer_id);

    -- Every table with rows of accounts, those that others refer to behind them. Out of the catalog: no step that adds a
    -- table can forget it here.
    CREATE FUNCTION account_tables() RETURNS TABLE (name text, stage integer)
    LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp
    AS $$
      WITH RECURSIVE owned AS (
        SELECT c.oid, c.relname FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'account_id' AND NOT a.attisdropped
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace),
      walk AS (
        SELECT oid, 0 AS depth FROM owned
        UNION
        SELECT f.confrelid, w.depth + 1 FROM walk w
          JOIN pg_constraint f ON f.conrelid = w.oid AND f.contype = 'f' AND f.confrelid <> f.conrelid
          JOIN owned o ON o.oid = f.confrelid
         WHERE w.depth < 50)
      SELECT o.relname::text,
             -- A row an account, without which its jobs and events cannot be written: to the end.
             max(w.depth) + CASE WHEN o.relname IN ('event_heads', 'account_turns') THEN 1000 ELSE 0 END
        FROM walk w JOIN owned o USING (oid) GROUP BY o.relname ORDER BY 2, 1
    $$;

    CREATE FUNCTION add_count(sums jsonb, name text, more integer) RETURNS jsonb
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
      SELECT CASE WHEN more = 0 THEN sums
             ELSE jsonb_set(sums, ARRAY[name], to_jsonb(coalesce((sums ->> name)::bigint, 0) + more)) END
    $$;

    -- Removes up to so many rows of the account that a deletion is about, whose lease one must hold. 0: all is gone, the
    -- account as well. NULL: the deletion is not due, or somebody else's. It runs as the owner of the tables, so that
    -- nobody else needs the right to delete.
    CREATE FUNCTION erase_account_rows(deletion text, fence uuid, batch integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
    DECLARE
      erased text;
      part record;
      gone integer;
      which text;
      of_people CONSTANT text := 'AND role IS DISTINCT FROM ''admin'' AND principal NOT LIKE ''host:%''';
      customers text[];
      sums jsonb;
    BEGIN
      SELECT account, d.rows INTO erased, sums FROM account_deletions d
       WHERE id = deletion AND lease = fence AND canceled_at IS NULL AND finished_at IS NULL AND due_at <= now()
         FOR UPDATE;
      IF NOT FOUND THEN RETURN NULL; END IF;

      -- What Stripe has told of the customer names people, and has no account.
      SELECT array_remove(array[customer_id, former_customer_id], NULL) INTO customers
        FROM billing_accounts WHERE account_id = erased;
      DELETE FROM stripe_events WHERE customer_id = ANY (customers);
      GET DIAGNOSTICS gone = ROW_COUNT;
      sums := add_count(sums, 'stripe_events', gone);
      -- Findings of a run about the account, and what was put aside for them, may name nobody.
      DELETE FROM reconcile_kept k USING reconcile_findings f, reconcile_runs r
       WHERE f.run_id = k.run_id AND f.seq = k.seq AND r.id = f.run_id AND erased IN (f.account_id, r.account_id);
      GET DIAGNOSTICS gone = ROW_COUNT;
      sums := add_count(sums, 'reconcile_kept', gone);
      DELETE FROM reconcile_findings f USING reconcile_runs r WHERE r.id = f.run_id AND r.account_id = erased;
      GET DIAGNOSTICS gone = ROW_COUNT;
      sums := add_count(sums, 'reconcile_findings', gone);

      FOR part IN SELECT name FROM account_tables() WHERE stage < 1000 LOOP
        which := CASE WHEN part.name = 'audit' THEN of_people ELSE '' END;
        EXECUTE format('DELETE FROM %1$I WHERE ctid = ANY (ARRAY(SELECT ctid FROM %1$I WHERE account_id = $1 %2$s LIMIT $2))',
                       part.name, which) USING erased, batch;
        GET DIAGNOSTICS gone = ROW_COUNT;
        IF gone > 0 THEN
          UPDATE account_deletions SET rows = add_count(sums, part.name, gone) WHERE id = deletion;
          RETURN gone;
        END IF;
      END LOOP;

      -- From here on nobody adds anything that refers to the account; what came meanwhile goes with it.
      PERFORM 1 FROM accounts WHERE id = erased FOR UPDATE;
      FOR part IN SELECT name FROM account_tables() LOOP
        which := CASE WHEN part.name = 'audit' THEN of_people ELSE '' END;
        EXECUTE format('DELETE FROM %I WHERE account_id = $1 %s', part.name, which) USING erased;
        GET DIAGNOSTICS gone = ROW_COUNT;
        sums := add_count(sums, part.name, gone);
      END LOOP;
      DELETE FROM accounts WHERE id = erased;
      GET DIAGNOSTICS gone = ROW_COUNT;
      sums := add_count(sums, 'accounts', gone);
      UPDATE account_deletions SET rows = sums, rows_gone_at = coalesce(rows_gone_at, now()) WHERE id = deletion;
      RETURN 0;
    END $$;
    REVOKE ALL ON FUNCTION account_tables, add_count, erase_account_rows FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION erase_account_rows TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    DROP FUNCTION erase_account_rows, add_count, account_tables;
    DROP INDEX stripe_events_by_customer, reconcile_findings_by_account, uploads_by_original, images_by_original, audit_origins_by_account;
    -- Without the account there is no place for them.
    DELETE FROM audit WHERE NOT EXISTS (SELECT 1 FROM accounts WHERE id = audit.account_id);
    ALTER TABLE audit ADD CONSTRAINT audit_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts (id);
    DROP TABLE account_deletions`);
}
