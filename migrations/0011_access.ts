import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    -- The default is for those that are there, and for processes that do not know the column yet.
    ALTER TABLE members
      ADD COLUMN id text COLLATE "C" NOT NULL
        DEFAULT ('mem_' || substr(replace(gen_random_uuid()::text, '-', ''), 1, 26)),
      ADD COLUMN name text CHECK (name <> '');
    CREATE UNIQUE INDEX members_list ON members (account_id, id DESC);
    DROP INDEX members_account;
    CREATE INDEX members_owners ON members (account_id, id) WHERE role IN ('owner', 'admin');
    GRANT UPDATE (role), DELETE ON members TO stager_api;

    CREATE TABLE invitations (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      -- SHA-256 of a secret with 196 bits: neither can be guessed from the other.
      secret_hash text COLLATE "C" NOT NULL UNIQUE CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
      role text NOT NULL CHECK (role IN ('owner', 'member')),
      invited_by text COLLATE "C" NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      accepted_by text COLLATE "C",
      revoked_at timestamptz,
      PRIMARY KEY (account_id, id),
      CHECK (accepted_by IS NULL OR revoked_at IS NULL)
    );
    CREATE INDEX invitations_open ON invitations (account_id, expires_at)
      WHERE accepted_by IS NULL AND revoked_at IS NULL;
    GRANT SELECT, INSERT ON invitations TO stager_api;
    GRANT UPDATE (accepted_by, revoked_at) ON invitations TO stager_api;

    -- Of invitations and members. Nothing refers to it, so that it can be erased.
    CREATE TABLE contacts (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      subject_id text COLLATE "C" NOT NULL,
      email text NOT NULL,
      PRIMARY KEY (account_id, subject_id)
    );
    GRANT SELECT, INSERT, DELETE ON contacts TO stager_api;
    GRANT UPDATE (subject_id) ON contacts TO stager_api;

    CREATE TABLE tokens (
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      id text COLLATE "C" NOT NULL,
      secret_hash text COLLATE "C" NOT NULL UNIQUE CHECK (secret_hash ~ '^[0-9a-f]{64}$'),
      principal text COLLATE "C" NOT NULL,
      name text NOT NULL CHECK (name <> ''),
      scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
      created_at timestamptz NOT NULL DEFAULT now(),
      expires_at timestamptz NOT NULL,
      last_used_at timestamptz,
      revoked_at timestamptz,
      PRIMARY KEY (account_id, id)
    );
    CREATE INDEX tokens_by_principal ON tokens (account_id, principal, id DESC);
    CREATE INDEX tokens_live ON tokens (account_id, principal, expires_at) WHERE revoked_at IS NULL;
    GRANT SELECT, INSERT ON tokens TO stager_api;
    GRANT UPDATE (last_used_at, revoked_at) ON tokens TO stager_api;

    ALTER TABLE audit
      ADD COLUMN role text,
      ADD COLUMN credential_kind text,
      ADD COLUMN credential_id text,
      ADD COLUMN detail text;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    ALTER TABLE audit
      DROP COLUMN role, DROP COLUMN credential_kind, DROP COLUMN credential_id, DROP COLUMN detail;
    DROP TABLE tokens, contacts, invitations;
    REVOKE UPDATE (role), DELETE ON members FROM stager_api;
    DROP INDEX members_owners, members_list;
    ALTER TABLE members DROP COLUMN id, DROP COLUMN name;
    CREATE INDEX members_account ON members (account_id);
  `);
}
