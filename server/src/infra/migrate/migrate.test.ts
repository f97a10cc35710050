import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { startPostgres } from '../../dev/postgres/index.ts';
import { MigrationError, migrateDown, migrateUp, migrationStatus } from './index.ts';

let home: string;
let folder: string;
let database: TestDatabase;
let admin: pg.Client;

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'stager-migrate-'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

beforeEach(async () => {
  database = await createTestDatabase({ migrated: false });
  folder = join(home, database.name);
  mkdirSync(folder);
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
});
afterEach(async () => {
  await admin.end();
  await database.drop();
});

/** A step that makes or changes a table by plain SQL. */
function step(file: string, up: string, down: string, more = ''): void {
  writeFileSync(
    join(folder, file),
    `export async function up(knex) { await knex.raw(${JSON.stringify(up)}); }
     export async function down(knex) { await knex.raw(${JSON.stringify(down)}); }
     ${more}`,
  );
}

function table(file: string, name: string): void {
  step(file, `CREATE TABLE ${name} (id integer)`, `DROP TABLE ${name}`);
}

const up = () => migrateUp(database.ownerUrl, { folder });
const files = async () =>
  (await migrationStatus(database.ownerUrl, { folder })).filter((s) => s.appliedAt).map((s) => s.file);

test('applies what is due, in order, and says so', async () => {
  const lines: string[] = [];
  table('0001_a.js', 'a');
  table('0002_b.js', 'b');
  writeFileSync(join(folder, '_template.js'), 'not a step');
  expect(await migrateUp(database.ownerUrl, { folder, log: (line) => lines.push(line) })).toEqual([
    '0001_a.js',
    '0002_b.js',
  ]);
  expect(lines).toEqual([
    expect.stringMatching(/^applied 0001_a.js in \d+ ms$/),
    expect.stringMatching(/^applied 0002_b/),
  ]);
  table('0003_c.js', 'c');
  expect(await up()).toEqual(['0003_c.js']);
  expect(await up()).toEqual([]);
  expect(await migrateDown(database.ownerUrl, 1, { folder })).toEqual(['0003_c.js', '0002_b.js']);
  expect(await files()).toEqual(['0001_a.js']);
});

test('many at once apply each step once', async () => {
  table('0001_a.js', 'a');
  step(
    '0002_slow.js',
    'CREATE TABLE b AS SELECT 1 AS one FROM pg_sleep(0.2)',
    'DROP TABLE b',
    'export const transaction = false;',
  );
  const applied = await Promise.all(Array.from({ length: 6 }, up));
  expect(applied.flat().sort()).toEqual(['0001_a.js', '0002_slow.js']);
});

test('a step that fails leaves nothing of itself, and keeps those before it', async () => {
  table('0001_a.js', 'a');
  step('0002_bad.js', 'CREATE TABLE half (id integer); SELECT 1/0', 'SELECT 1');
  await expect(up()).rejects.toThrow(/^0002_bad.js \(up\) failed: .*division by zero/);
  expect(await files()).toEqual(['0001_a.js']);
  const { rows } = await admin.query("SELECT to_regclass('half') AS half");
  expect(rows).toEqual([{ half: null }]);
});

test('a step may run outside of a transaction', async () => {
  table('0001_a.js', 'a');
  step(
    '0002_index.js',
    'CREATE INDEX CONCURRENTLY a_id ON a (id)',
    'DROP INDEX CONCURRENTLY a_id',
    'export const transaction = false;',
  );
  // A runner that waits must not hold up what the other builds.
  expect((await Promise.all([up(), up(), up()])).flat()).toHaveLength(2);
  expect(await migrateDown(database.ownerUrl, 1, { folder })).toEqual(['0002_index.js']);
});

test('waits for a table in use no longer than the step allows, and tries again', async () => {
  table('0001_a.js', 'a');
  await up();
  const attempts = join(folder, 'attempts.txt');
  writeFileSync(
    join(folder, '0002_add.js'),
    `import { appendFileSync } from 'node:fs';
     export async function up(knex) {
       appendFileSync(${JSON.stringify(attempts)}, 'x');
       await knex.raw("SET LOCAL lock_timeout = '50ms'; ALTER TABLE a ADD COLUMN b integer");
     }
     export async function down(knex) {}`,
  );
  await admin.query('BEGIN; LOCK TABLE a IN ACCESS SHARE MODE');
  const running = up();
  // The first was given up when the second begins.
  await expect.poll(() => (existsSync(attempts) ? readFileSync(attempts, 'utf8') : '')).toMatch(/^xx/);
  await admin.query('COMMIT');
  expect(await running).toEqual(['0002_add.js']);
});

test('a step that was changed after it was applied is refused', async () => {
  table('0001_a.js', 'a');
  await up();
  table('0001_a.js', 'other');
  table('0002_b.js', 'b');
  await expect(up()).rejects.toThrow(/0001_a.js was changed after it was applied/);
  await expect(migrateDown(database.ownerUrl, 0, { folder })).rejects.toThrow(MigrationError);
});

test('a database from the future, or from another history, is refused', async () => {
  table('0001_a.js', 'a');
  table('0002_b.js', 'b');
  await up();
  rmSync(join(folder, '0002_b.js'));
  await expect(up()).rejects.toThrow(/0002_b.js was applied and is not in the folder: .* older/);
  table('0002_other.js', 'other');
  await expect(up()).rejects.toThrow(/0002_b.js was applied, and 0002_other.js has its number/);
});

test('the same steps as .ts and as .js are the same history', async () => {
  table('0001_a.js', 'a');
  await up();
  rmSync(join(folder, '0001_a.js'));
  table('0001_a.ts', 'a');
  expect(await up()).toEqual([]);
});

test.each([
  ['a gap', ['0001_a.js', '0003_c.js'], /0003_c.js stands where 0002 is due/],
  ['a number taken twice', ['0001_a.js', '0001_b.js'], /0001_b.js stands where 0002 is due/],
  ['nothing', [], /There are no migrations in/],
])('a folder with %s is refused', async (_, names, message) => {
  for (const name of names) table(name, 'a');
  await expect(up()).rejects.toThrow(message);
});

test('a file that is no step is refused', async () => {
  writeFileSync(join(folder, '0001_a.js'), 'export const up = 1;');
  await expect(up()).rejects.toThrow(/must export the functions `up` and `down`/);
});

test('only the owner migrates', async () => {
  table('0001_a.js', 'a');
  await expect(migrateUp(database.apiUrl, { folder })).rejects.toThrow(
    /run as the role stager_owner.*this connection is stager_api.*CREATE ROLE stager_owner/,
  );
});

test('a role that is missing is named, with what makes it', async () => {
  const dataDir = join(folder, 'postgres');
  const server = await startPostgres({ dataDir, port: 0, log: () => undefined });
  try {
    const { user, password } = server.superuser;
    const superuser = new pg.Client({
      host: server.host,
      port: server.port,
      user,
      password,
      database: 'postgres',
    });
    await superuser.connect();
    await superuser.query(`CREATE ROLE stager_owner LOGIN PASSWORD 'only-for-this-test'`);
    await superuser.query('CREATE ROLE stager_api');
    await superuser.query('CREATE DATABASE fresh OWNER stager_owner');
    await superuser.end();
    const url = `postgres://stager_owner:only-for-this-test@${server.host}:${server.port}/fresh`;
    await expect(migrateUp(url)).rejects.toThrow(
      /to stager_worker, stager_relay, stager_admin: these roles do not exist.*CREATE ROLE stager_worker LOGIN NOSUPERUSER NOBYPASSRLS/,
    );
  } finally {
    await server.stop();
  }
});

test('a version that does not exist is refused', async () => {
  table('0001_a.js', 'a');
  await expect(migrateDown(database.ownerUrl, 2, { folder })).rejects.toThrow(/choose one from 0 to 1/);
});

async function command(args: string[], env: Record<string, string>) {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], ...env },
  });
  const code = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await code, out, err };
}

test('the command applies, lists and takes back', async () => {
  table('0001_a.js', 'a');
  const env = { STAGER_OWNER_DATABASE_URL: database.ownerUrl, STAGER_MIGRATIONS_DIR: folder };
  expect(await command(['status'], env)).toMatchObject({ code: 0, out: '0001_a.js  due\n' });
  expect(await command(['up'], env)).toMatchObject({ code: 0, out: expect.stringMatching(/1 applied\n$/) });
  expect(await command(['up'], env)).toMatchObject({ code: 0, out: 'nothing is due\n' });
  expect(await command(['down', '0'], env)).toMatchObject({ code: 0, out: 'took back 0001_a.js\n' });
});

test('the command explains what is wrong', async () => {
  expect(await command(['up'], {})).toMatchObject({
    code: 2,
    err: expect.stringMatching(/STAGER_OWNER_DATABASE_URL.*docs\/configuration\.md/s),
  });
  const env = { STAGER_OWNER_DATABASE_URL: database.apiUrl, STAGER_MIGRATIONS_DIR: folder };
  for (const args of [[], ['down'], ['up', '1'], ['down', 'x'], ['sideways']]) {
    expect(await command(args, env)).toMatchObject({ code: 2, err: expect.stringContaining('Usage') });
  }
  table('0001_a.js', 'a');
  expect(await command(['up'], env)).toMatchObject({ code: 1, err: expect.stringContaining('stager_owner') });
});
