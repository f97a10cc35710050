import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE originals (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      sha256 text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      size bigint NOT NULL CHECK (size > 0),
      content_type text NOT NULL,
      width integer NOT NULL CHECK (width > 0),
      height integer NOT NULL CHECK (height > 0),
      object_key text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (account_id, id),
      UNIQUE (account_id, sha256)
    );

    CREATE TABLE uploads (
      -- By id alone, as the sweeper ends uploads of all accounts.
      id text COLLATE "C" PRIMARY KEY,
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      sha256 text COLLATE "C" NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
      size bigint NOT NULL CHECK (size >= 0),
      content_type text NOT NULL,
      object_key text COLLATE "C" NOT NULL,
      state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'ready', 'rejected')),
      original_id text COLLATE "C",
      error_code text,
      error_message text,
      expires_at timestamptz NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      FOREIGN KEY (account_id, original_id) REFERENCES originals (account_id, id),
      CHECK ((state = 'ready') = (original_id IS NOT NULL)),
      CHECK ((state = 'rejected') = (error_code IS NOT NULL))
    );
    CREATE INDEX uploads_stale ON uploads (expires_at) WHERE state = 'pending';
    CREATE INDEX uploads_settled ON uploads (expires_at) WHERE state <> 'pending';

    GRANT SELECT, INSERT ON originals, uploads TO stager_api;
    GRANT UPDATE (state, original_id, error_code, error_message) ON uploads TO stager_api;
    GRANT SELECT ON originals TO stager_worker;
    GRANT SELECT, DELETE ON uploads TO stager_worker;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE uploads, originals');
}
