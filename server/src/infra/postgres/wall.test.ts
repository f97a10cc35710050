import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { fillEveryTable, makeAccount } from '../../../../tests/support/fixtures.ts';
import { newId } from '../../core/ids.ts';
import type { Store } from '../../ports/index.ts';
import { ConfigError } from '../config.ts';
import { createPostgresAdminStore, createPostgresJobStore, createPostgresStore } from './index.ts';

/** The tables of the product, out of the catalog: a new one is covered the moment that it exists. */
interface Table {
  readonly name: string;
  readonly enabled: boolean;
  readonly forced: boolean;
  /** Column that says whose a row is; null where rows are nobody's. */
  readonly owner: string | null;
}

/** Where rows are nobody's: requests add to them at most, and read nothing. */
const OWNERLESS = ['account_deletions', 'outbox', 'stripe_checks', 'stripe_events'];

let database: TestDatabase;
let superuser: pg.Client;
let store: Store;
let victim: string;
let intruder: string;
let tables: Table[];

beforeAll(async () => {
  database = await createTestDatabase();
  superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  victim = await fillEveryTable(database);
  intruder = await makeAccount(store, 'auth0|intruder');
  const { rows } = await superuser.query<Table>(`
    SELECT relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced,
           (SELECT CASE WHEN relname = 'accounts' THEN 'id' ELSE attname::text END FROM pg_attribute
             WHERE attrelid = c.oid AND attname = CASE WHEN relname = 'accounts' THEN 'id' ELSE 'account_id' END) AS owner
      FROM pg_class c
     WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> 'schema_migrations'
     ORDER BY relname`);
  tables = rows;
});
afterAll(async () => {
  await Promise.all([store.close(), superuser.end()]);
  await database.drop();
});

/** As a role of the product, within an account or none. */
async function as<T extends object>(
  url: string,
  account: string | null,
  text: string,
): Promise<pg.QueryResult<T>> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query('BEGIN');
    if (account !== null) await client.query(`SELECT set_config('stager.account', $1, true)`, [account]);
    return await client.query<T>(text);
  } finally {
    await client.end();
  }
}

async function can(role: string, table: string, privilege: string): Promise<boolean> {
  const { rows } = await superuser.query<{ can: boolean }>(
    `SELECT has_table_privilege($1, $2, $3)
         OR ($3 <> 'DELETE' AND has_any_column_privilege($1, $2, nullif($3, 'DELETE'))) AS can`,
    [role, table, privilege],
  );
  return rows[0]?.can === true;
}

async function updatable(table: string): Promise<string[]> {
  const { rows } = await superuser.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute
      WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped
        AND has_column_privilege('stager_api', attrelid, attnum, 'UPDATE')`,
    [table],
  );
  return rows.map(({ name }) => name);
}

async function count(account: string | null, table: string): Promise<number> {
  const { rows } = await as<{ n: string }>(database.apiUrl, account, `SELECT count(*) AS n FROM ${table}`);
  return Number(rows[0]?.n);
}

describe('row-level security', () => {
  test('is on and forced for every table, and every row is somebody’s', () => {
    expect(tables.filter(({ enabled, forced }) => !enabled || !forced)).toEqual([]);
    expect(tables.filter(({ owner }) => owner === null).map(({ name }) => name)).toEqual(OWNERLESS);
    expect(tables.length).toBeGreaterThan(15);
  });

  test('every policy of requests looks at the account', async () => {
    const { rows } = await superuser.query<{ table: string; shown: string | null; written: string }>(`
      SELECT polrelid::regclass::text AS table, pg_get_expr(polqual, polrelid) AS shown,
             pg_get_expr(polwithcheck, polrelid) AS written
        FROM pg_policy WHERE polpermissive AND 'stager_api'::regrole::oid = ANY (polroles) OR polroles = '{0}' ORDER BY 1`);
    expect(rows.map(({ table }) => table)).toEqual(tables.map(({ name }) => name));
    for (const { table, shown, written } of rows.filter((row) => !OWNERLESS.includes(row.table))) {
      const owner = tables.find(({ name }) => name === table)?.owner;
      const own = `(${owner} = current_setting('stager.account'::text, true))`;
      expect([table, shown, written]).toEqual([table, own, own]);
    }
  });

  test('the rows of another account are not there, in whatever table and however one asks', async () => {
    for (const { name, owner } of tables) {
      const { rows } = await superuser.query(`SELECT 1 FROM ${name} LIMIT 1`);
      expect([name, rows.length]).toEqual([name, 1]);
      if (owner === null || !(await can('stager_api', name, 'SELECT'))) continue;
      expect([name, (await count(victim, name)) > 0]).toEqual([name, true]);
      const seen = await as(database.apiUrl, intruder, `SELECT 1 FROM ${name} WHERE ${owner} = '${victim}'`);
      expect([name, seen.rows]).toEqual([name, []]);
      expect([name, await count(null, name)]).toEqual([name, 0]);
      for (const column of await updatable(name)) {
        const update = `UPDATE ${name} SET ${column} = ${column} WHERE ${owner} = '${victim}'`;
        expect([update, (await as(database.apiUrl, intruder, update)).rowCount]).toEqual([update, 0]);
      }
      if (!(await can('stager_api', name, 'DELETE'))) continue;
      const removed = await as(database.apiUrl, intruder, `DELETE FROM ${name} WHERE ${owner} = '${victim}'`);
      expect([name, removed.rowCount]).toEqual([name, 0]);
    }
  });

  test('nobody writes a row for another account, in whatever table', async () => {
    for (const { name, owner } of tables) {
      if (owner === null || !(await can('stager_api', name, 'INSERT'))) continue;
      const { rows } = await superuser.query<{ row: object }>(
        `SELECT row_to_json(t) AS row FROM ${name} t WHERE ${owner} = $1 LIMIT 1`,
        [victim],
      );
      // A copy of a row that is there: the policy speaks before any key does.
      const copy = pg.escapeLiteral(JSON.stringify(rows[0]?.row));
      const columns = Object.keys(rows[0]?.row ?? {}).filter((column) => `${name}.${column}` !== 'audit.id');
      const insert = `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM json_populate_record(NULL::${name}, ${copy})`;
      const attempt = as(database.apiUrl, intruder, insert).then(
        () => 'written',
        (error: Error) => error.message,
      );
      expect([name, await attempt]).toEqual([
        name,
        `new row violates row-level security policy for table "${name}"`,
      ]);
    }
  });

  test('requests read nothing of what is nobody’s', async () => {
    for (const table of OWNERLESS) {
      for (const privilege of ['SELECT', 'UPDATE', 'DELETE']) {
        expect([table, privilege, await can('stager_api', table, privilege)]).toEqual([
          table,
          privilege,
          false,
        ]);
      }
    }
  });

  test('the relay sees the outbox and nothing else', async () => {
    for (const { name } of tables) {
      expect([name, await can('stager_relay', name, 'SELECT')]).toEqual([name, name === 'outbox']);
    }
  });

  test('the look-ups that pass it are few, pinned, and not for everybody', async () => {
    const { rows } = await superuser.query<{ name: string; config: string[]; everybody: boolean }>(`
      SELECT proname AS name, proconfig AS config, has_function_privilege('public', oid, 'EXECUTE') AS everybody
        FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1`);
    const pinned = { config: ['search_path=public, pg_temp'], everybody: false };
    expect(rows).toEqual(
      // `end_unit` is a trigger's: nobody can call it. `catch_up_unit` does the same once more, for workers.
      [
        'catch_up_unit',
        'end_unit',
        'erase_account_rows',
        'find_browser_session',
        'find_invitation',
        'find_membership',
        'find_token',
      ].map((name) => ({
        name,
        ...pinned,
      })),
    );
  });
});

test('the audit log is append-only for every role that a process can have', async () => {
  const { rows: roles } = await superuser.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_roles WHERE rolcanlogin AND rolname ~ '^stager_'
        AND rolname NOT IN ('stager_owner', 'stager_super')`,
  );
  expect(roles.length).toBe(4);
  for (const { name } of roles) {
    for (const privilege of ['UPDATE', 'DELETE', 'TRUNCATE']) {
      const { rows } = await superuser.query<{ can: boolean }>(
        `SELECT has_table_privilege($1, 'audit', $2)
             OR ($2 = 'UPDATE' AND has_any_column_privilege($1, 'audit', 'UPDATE')) AS can`,
        [name, privilege],
      );
      expect([name, privilege, rows[0]?.can]).toEqual([name, privilege, false]);
    }
  }
});

test('with the pool full and accounts interleaved, each sees its own and nothing stays behind on a connection', async () => {
  const connections = new Set<pg.Client>();
  const small = createPostgresStore({
    url: database.apiUrl,
    pool: 3,
    inspect: (db) =>
      // Tarn's events are not in the types of knex.
      void db.client.pool.on('createSuccess', (_: number, client: pg.Client) => connections.add(client)),
  });
  const accounts = await Promise.all(Array.from({ length: 5 }, () => makeAccount(store)));
  const work = Array.from({ length: 300 }, async (_, n) => {
    const account = accounts[n % accounts.length] ?? '';
    const own = small.account(account);
    if (n % 3 === 0) await own.read.projects.create(account, newId('prj'), `Project ${n} of ${account}`);
    if (n % 7 === 0) {
      const failed = own.transaction(async (tx) => {
        await tx.projects.list(account, { limit: 1, after: null });
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
    }
    const { items } = await own.transaction((tx) => tx.projects.list(account, { limit: 100, after: null }));
    expect(items.filter(({ name }) => !name.endsWith(account))).toEqual([]);
    const other = accounts[(n + 1) % accounts.length] ?? '';
    expect((await own.read.projects.list(other, { limit: 100, after: null })).items).toEqual([]);
  });
  await Promise.all(work);
  expect(connections.size).toBe(3);
  for (const client of connections) {
    const { rows } = await client.query(
      `SELECT coalesce(current_setting('stager.account', true), '') AS left`,
    );
    expect(rows).toEqual([{ left: '' }]);
  }
  await small.close();
});

test('requests make nobody an admin, whatever is wrong with the code', async () => {
  const member = await store.read.members.getByPrincipal(intruder, 'auth0|intruder');
  const added = store.read.members.add(intruder, { id: newId('mem'), principal: 'auth0|new', role: 'admin' });
  await expect(added).rejects.toThrow(/violates row-level security policy "api_adds_no_admin"/);
  const raised = store.read.members.setRole(intruder, member?.id ?? '', 'admin');
  await expect(raised).rejects.toThrow(/violates row-level security policy "api_makes_no_admin"/);
});

describe('a role that the wall does not hold for', () => {
  test('is refused on every connection, by what it is and with the way out', async () => {
    await superuser.query(`CREATE ROLE wall_passes LOGIN BYPASSRLS PASSWORD 'only-for-this-test'`);
    await superuser.query(`GRANT CONNECT ON DATABASE ${database.name} TO wall_passes`);
    const passes = new URL(database.apiUrl);
    passes.username = 'wall_passes';
    passes.password = 'only-for-this-test';
    const cases: [string, RegExp][] = [
      [database.superuserUrl, /stager_super is a superuser.*NOSUPERUSER NOBYPASSRLS/],
      [passes.href, /wall_passes may bypass row-level security/],
      [database.ownerUrl, /stager_owner owns the tables/],
    ];
    for (const [url, words] of cases) {
      for (const open of [createPostgresStore, createPostgresJobStore, createPostgresAdminStore]) {
        const opened = open({ url, pool: 2 });
        await expect(opened.check()).rejects.toThrow(ConfigError);
        await expect(opened.check()).rejects.toThrow(words);
        await opened.close();
      }
    }
    await superuser.query(`REVOKE CONNECT ON DATABASE ${database.name} FROM wall_passes`);
    await superuser.query('DROP ROLE wall_passes');
  });
});
