import pg from 'pg';
import { ROLES, type Role, readPasswords } from './secrets.ts';
import type { RunningPostgres } from './start.ts';

export const DATABASE = 'stager';
const OWNER: Role = 'stager_owner';

/** Connection URLs, passwords included: secrets. */
export interface DatabaseUrls {
  readonly owner: string;
  readonly api: string;
  readonly worker: string;
  readonly relay: string;
  readonly admin: string;
}

/**
 * Makes the application's database and roles, none of which is a superuser or bypasses row-level
 * security. Safe to repeat and to kill at any point; one connection and one query when all is done.
 */
export async function ensureDatabase(server: RunningPostgres): Promise<DatabaseUrls> {
  const passwords = readPasswords(server.dataDir);
  const client = new pg.Client({
    host: server.host,
    port: server.port,
    ...server.superuser,
    database: 'postgres',
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    if (!(await isComplete(client))) await complete(client, passwords);
  } finally {
    await client.end();
  }
  const url = (role: Role) =>
    `postgres://${role}:${passwords[role]}@${server.host}:${server.port}/${DATABASE}`;
  return {
    owner: url('stager_owner'),
    api: url('stager_api'),
    worker: url('stager_worker'),
    relay: url('stager_relay'),
    admin: url('stager_admin'),
  };
}

/** The last step of `complete` takes CONNECT from everybody, so its effect means that all steps were taken. */
async function isComplete(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ complete: boolean }>(
    `select count(*) = 1 as complete
       from pg_database d
       join pg_roles owner on owner.oid = d.datdba and owner.rolname = $2
      where d.datname = $1
        and not has_database_privilege('public', d.oid, 'CONNECT')
        and (select count(*) = cardinality($3::text[])
               from pg_roles
              where rolname = any($3::text[])
                and rolcanlogin and not (rolsuper or rolbypassrls or rolcreaterole or rolcreatedb))`,
    [DATABASE, OWNER, ROLES],
  );
  return rows[0]?.complete === true;
}

async function complete(client: pg.Client, passwords: Readonly<Record<Role, string>>): Promise<void> {
  // A failing statement would otherwise be copied into the log, password and all.
  await client.query("set log_min_error_statement = 'panic'");
  for (const role of ROLES) await ensureRole(client, role, passwords[role]);
  await ensureOwnedDatabase(client);
  await client.query(`grant connect on database ${DATABASE} to ${ROLES.join(', ')}`);
  await client.query(`revoke all on database ${DATABASE} from public`);
}

async function ensureRole(client: pg.Client, role: Role, password: string): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rowCount === 0 ? 'create' : 'alter';
  const limits = 'nosuperuser nobypassrls nocreaterole nocreatedb noreplication';
  await client.query(`${verb} role ${role} login ${limits} password ${client.escapeLiteral(password)}`);
}

async function ensureOwnedDatabase(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [DATABASE]);
  if (rowCount === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
  else await client.query(`alter database ${DATABASE} owner to ${OWNER}`);
}
