import type { Knex } from 'knex';

/** In these states somebody has to do something. */
const OPEN = `('queued', 'scanning', 'apply_queued', 'applying', 'undo_queued', 'undoing')`;

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- A run of the installation looks at what those of its projects look at. Where both are under way, it goes on alone.
    UPDATE reconcile_runs
       SET state = 'canceled', lease = NULL, lease_until = NULL, finished_at = now(), updated_at = now(),
           reason = '{"code": "canceled", "message": "A run of the whole installation is under way as well. What was decided before stays."}'
     WHERE project_id IS NOT NULL AND state IN ${OPEN}
       AND EXISTS (SELECT FROM reconcile_runs i WHERE i.project_id IS NULL AND i.state IN ${OPEN});

    -- Without bounds, as that of the installation is, it holds every project.
    CREATE TYPE reconcile_scope AS RANGE (subtype = text, collation = "C");
    ALTER TABLE reconcile_runs ADD CONSTRAINT reconcile_runs_apart
      EXCLUDE USING gist (reconcile_scope(project_id, project_id, '[]') WITH &&) WHERE (state IN ${OPEN});
    DROP INDEX reconcile_runs_open;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    ALTER TABLE reconcile_runs DROP CONSTRAINT reconcile_runs_apart;
    DROP TYPE reconcile_scope;
    CREATE UNIQUE INDEX reconcile_runs_open ON reconcile_runs ((coalesce(project_id, ''))) WHERE state IN ${OPEN}`);
}
