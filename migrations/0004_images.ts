import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE images (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      project_id text COLLATE "C",
      original_id text COLLATE "C" NOT NULL,
      name text,
      engine text NOT NULL,
      room_type text,
      style text,
      seed bigint NOT NULL CHECK (seed BETWEEN 0 AND 4294967295),
      variation integer NOT NULL CHECK (variation >= 0),
      -- json, not jsonb: kept as the client sent it.
      params json NOT NULL,
      spec_hash text COLLATE "C" NOT NULL CHECK (spec_hash ~ '^[0-9a-f]{64}$'),
      state text COLLATE "C" NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'processing', 'ready', 'error', 'canceled')),
      attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
      error json,
      created_at timestamptz NOT NULL DEFAULT now(),
      updated_at timestamptz NOT NULL DEFAULT now(),
      deleted_at timestamptz,
      PRIMARY KEY (account_id, id),
      FOREIGN KEY (account_id, project_id) REFERENCES projects (account_id, id),
      FOREIGN KEY (account_id, original_id) REFERENCES originals (account_id, id),
      CHECK ((state = 'error') = (error IS NOT NULL))
    );
    -- One index per way to list. The two with a state also serve what is unfinished, state by state.
    CREATE INDEX images_list ON images (account_id, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX images_by_state ON images (account_id, state, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX images_by_project ON images (account_id, project_id, id DESC) WHERE deleted_at IS NULL;
    CREATE INDEX images_by_project_state ON images (account_id, project_id, state, id DESC)
      WHERE deleted_at IS NULL;
    -- An image that failed or was canceled is no answer to somebody who asks for the same again.
    CREATE INDEX images_reusable ON images (account_id, spec_hash, id DESC)
      WHERE deleted_at IS NULL AND state IN ('queued', 'processing', 'ready');

    CREATE TABLE image_outputs (
      account_id text COLLATE "C" NOT NULL,
      image_id text COLLATE "C" NOT NULL,
      name text COLLATE "C" NOT NULL,
      -- Order in which the engine names its outputs.
      position smallint NOT NULL,
      object_key text COLLATE "C" NOT NULL,
      content_type text NOT NULL,
      size bigint NOT NULL CHECK (size > 0),
      sha256 text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      width integer NOT NULL CHECK (width >= 0),
      height integer NOT NULL CHECK (height >= 0),
      PRIMARY KEY (account_id, image_id, name),
      FOREIGN KEY (account_id, image_id) REFERENCES images (account_id, id)
    );

    GRANT SELECT, INSERT ON images TO stager_api;
    GRANT UPDATE (state, attempts, error, updated_at, deleted_at) ON images TO stager_api;
    GRANT SELECT, DELETE ON image_outputs TO stager_api;
    GRANT SELECT ON images TO stager_worker;
    GRANT UPDATE (state, attempts, error, updated_at) ON images TO stager_worker;
    GRANT SELECT, INSERT ON image_outputs TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE image_outputs, images');
}
