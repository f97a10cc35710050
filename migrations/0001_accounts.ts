import type { Knex } from 'knex';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw(`
    CREATE TABLE accounts (
      id text COLLATE "C" PRIMARY KEY,
      name text NOT NULL CHECK (name <> ''),
      plan text NOT NULL CHECK (plan <> ''),
      suspended_at timestamptz,
      created_at timestamptz NOT NULL DEFAULT now()
    );

    -- The principal alone is the key: whoever calls acts for exactly one account.
    CREATE TABLE members (
      principal text COLLATE "C" PRIMARY KEY,
      account_id text COLLATE "C" NOT NULL REFERENCES accounts (id),
      role text NOT NULL CHECK (role IN ('owner', 'member', 'admin')),
      created_at timestamptz NOT NULL DEFAULT now()
    );
    CREATE INDEX members_account ON members (account_id);

    GRANT SELECT, INSERT ON accounts, members TO stager_api;
    -- A row lock needs the right to update some column.
    GRANT UPDATE (name) ON accounts TO stager_api;
  `);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`SET LOCAL lock_timeout = '5s'`);
  await knex.raw('DROP TABLE members, accounts');
}
