import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { resolveBinaries } from './binaries.ts';
import { ensureCluster } from './cluster.ts';
import {
  type DatabaseUrls,
  ensureDatabase,
  type RunningPostgres,
  startPostgres,
  timeBareStart,
} from './index.ts';
import { isPostmasterOf } from './leftover.ts';
import { launch } from './server.ts';

const log: string[] = [];
let home: string;
let dataDir: string;
const running = new Set<RunningPostgres>();

async function start(dir = dataDir, port = 0): Promise<RunningPostgres> {
  const server = await startPostgres({ dataDir: dir, port, log: (line) => log.push(line) });
  running.add(server);
  return server;
}

async function rows(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

function alive(pid: number): boolean {
  return isPostmasterOf(pid, dataDir);
}

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'stager-pg-'));
  // mkdtemp makes 0700, through which the user nobody cannot pass.
  chmodSync(home, 0o755);
  dataDir = join(home, 'pg');
});

afterEach(async () => {
  for (const server of running) await server.stop();
  running.clear();
});

afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('the embedded Postgres', () => {
  test('first boot: a private cluster, loopback only, nothing left behind', async () => {
    const server = await start();
    expect(server.firstBoot).toBe(true);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(`${dataDir}.secrets.json`).mode & 0o777).toBe(0o600);
    expect(readdirSync(home).sort()).toEqual(['pg', 'pg.secrets.json', 'postgres.log']);

    const { user, password } = server.superuser;
    const url = `postgres://${user}:${password}@${server.host}:${server.port}/postgres`;
    const [settings] = await rows(
      url,
      `select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync,
              current_setting('unix_socket_directories') as sockets, current_setting('server_encoding') as encoding,
              current_setting('server_version_num')::int / 10000 as major`,
    );
    expect(settings).toEqual({ listen: '127.0.0.1', fsync: 'on', sockets: '', encoding: 'UTF8', major: 15 });
    await expect(rows(url.replace(password, 'wrong'), 'select 1')).rejects.toThrow(/password authentication/);
  });

  test('stop leaves no process and may be repeated', async () => {
    const server = await start();
    expect(alive(server.pid)).toBe(true);
    await Promise.all([server.stop(), server.stop()]);
    expect(alive(server.pid)).toBe(false);
    expect(await server.exited).toEqual({ code: 0, signal: null });
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  test('roles: none can pass row-level security, strangers cannot connect, and a repeat changes nothing', async () => {
    const server = await start();
    const urls = await ensureDatabase(server);
    expect(await ensureDatabase(server)).toEqual(urls);
    const roles = await rows(
      urls.api,
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles
        where rolname ~ '^stager_' and rolname <> 'stager_super' order by 1`,
    );
    const limits = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(roles).toEqual(
      ['stager_admin', 'stager_api', 'stager_owner', 'stager_relay', 'stager_worker'].map((rolname) => ({
        rolname,
        ...limits,
      })),
    );
    const [owner] = await rows(
      urls.owner,
      `select pg_get_userbyid(datdba) as owner, has_database_privilege('public', oid, 'CONNECT') as public
         from pg_database where datname = 'stager'`,
    );
    expect(owner).toEqual({ owner: 'stager_owner', public: false });
    await rows(urls.owner, 'create table notes (id int primary key)');
    await expect(rows(urls.api, 'create table mine (id int)')).rejects.toThrow(/permission denied/);
    await expect(rows(urls.worker, 'select * from notes')).rejects.toThrow(/permission denied/);
    expect(new Set(Object.values(urls).map((url) => new URL(url).password)).size).toBe(5);
  });

  test('a cluster that is older than a role gets the role, and keeps its other passwords', async () => {
    const server = await start();
    const before = await ensureDatabase(server);
    const file = `${dataDir}.secrets.json`;
    const { stager_admin: _, ...older } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify(older), { mode: 0o600 });
    await rows(
      `postgres://${server.superuser.user}:${server.superuser.password}@${server.host}:${server.port}/stager`,
      'revoke connect on database stager from stager_admin; drop role stager_admin',
    );
    const after = await ensureDatabase(server);
    expect(after).toEqual({ ...before, admin: after.admin });
    expect(await rows(after.admin, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('a half-made database is completed', async () => {
    const server = await start();
    const { user, password } = server.superuser;
    const url = `postgres://${user}:${password}@${server.host}:${server.port}/postgres`;
    await rows(
      url,
      "alter role stager_api bypassrls password 'other'; grant connect on database stager to public",
    );
    const urls = await ensureDatabase(server);
    const [role] = await rows(urls.api, 'select rolbypassrls from pg_roles where rolname = current_user');
    expect(role).toEqual({ rolbypassrls: false });
  });

  test('no password reaches the log, not even that of a statement that fails', async () => {
    const server = await start();
    const urls = await ensureDatabase(server);
    const { user, password } = server.superuser;
    const url = `postgres://${user}:${password}@${server.host}:${server.port}/postgres`;
    await rows(
      url,
      `alter role stager_api createdb; alter role ${user} set default_transaction_read_only = on`,
    );
    await expect(ensureDatabase(server)).rejects.toThrow(/read-only/);
    await rows(url, `begin read write; alter role ${user} reset default_transaction_read_only; commit`);
    const text = readFileSync(server.logFile, 'utf8');
    expect(text).toContain('read-only transaction');
    for (const secret of Object.values(urls)) expect(text).not.toContain(new URL(secret).password);
    expect(await ensureDatabase(server)).toEqual(urls);
  });

  test('kill -9 of the server keeps every committed row', async () => {
    const first = await start();
    const { owner } = await ensureDatabase(first);
    await rows(owner, 'drop table if exists kept; create table kept (n int primary key)');
    const client = new pg.Client(owner);
    client.on('error', () => undefined);
    await client.connect();
    for (let n = 1; n <= 50; n++) await client.query('insert into kept values ($1)', [n]);
    await client.query('begin');
    await client.query('insert into kept values (51)');
    process.kill(first.pid, 'SIGKILL');
    expect(await first.exited).toEqual({ code: null, signal: 'SIGKILL' });

    const second = await start();
    await client.end().catch(() => undefined);
    expect(second.firstBoot).toBe(false);
    const urls = await ensureDatabase(second);
    expect(
      await rows(urls.api, 'select count(*)::int as n from pg_roles where rolname = current_user'),
    ).toEqual([{ n: 1 }]);
    expect(await rows(urls.owner, 'select count(*)::int as n, max(n) from kept')).toEqual([
      { n: 50, max: 50 },
    ]);
  });

  test('a server that outlived its launcher is taken over, with its rows', async () => {
    const script = `
      import { startPostgres, ensureDatabase } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const server = await startPostgres({ dataDir: ${JSON.stringify(dataDir)}, port: 0, log() {} });
      const urls = await ensureDatabase(server);
      console.log(JSON.stringify({ pid: server.pid, urls }));
      setInterval(() => {}, 1000);`;
    const launcher = runScript(script);
    const line = await firstLine(launcher);
    const left: { pid: number; urls: DatabaseUrls } = JSON.parse(line);
    await rows(left.urls.owner, 'create table left_over as select 7 as n');
    await killed(launcher);
    expect(alive(left.pid)).toBe(true);

    const server = await start();
    expect(alive(left.pid)).toBe(false);
    expect(log.some((entry) => entry.includes(`pid ${left.pid}`))).toBe(true);
    const urls = await ensureDatabase(server);
    expect(await rows(urls.owner, 'select n from left_over')).toEqual([{ n: 7 }]);
  });

  test('a pid file that names a foreign process does not stop the start, nor that process', async () => {
    await (await start()).stop();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      writeFileSync(join(dataDir, 'postmaster.pid'), `${bystander.pid}\n${dataDir}\n1\n5432\n\n\n`);
      const server = await start();
      expect(server.firstBoot).toBe(false);
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
    } finally {
      await killed(bystander);
    }
  });

  test('a launcher killed during initdb leaves no half cluster', async () => {
    const half = join(home, 'half');
    mkdirSync(half);
    const dir = join(half, 'pg');
    const script = `
      import { startPostgres } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      await startPostgres({ dataDir: ${JSON.stringify(dir)}, port: 0, log() {} });`;
    const launcher = runScript(script);
    await expect
      .poll(() => readdirSync(half).some((name) => name.startsWith('pg.init-')), { interval: 5 })
      .toBe(true);
    await killed(launcher);
    expect(existsSync(dir)).toBe(false);

    const server = await start(dir);
    expect(server.firstBoot).toBe(true);
    expect(readdirSync(half).sort()).toEqual(['pg', 'pg.secrets.json', 'postgres.log']);
    await ensureDatabase(server);
  });

  test('a folder with other files is refused and left alone', async () => {
    const dir = join(home, 'photos');
    mkdirSync(dir);
    writeFileSync(join(dir, 'kitchen.jpg'), 'x');
    await expect(start(dir)).rejects.toThrow(/no Postgres data/);
    expect(readdirSync(dir)).toEqual(['kitchen.jpg']);
  });

  test('a taken port is named', async () => {
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve));
    const address = squatter.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    try {
      await expect(start(dataDir, port)).rejects.toThrow(`port ${port} is taken`);
    } finally {
      await new Promise((resolve) => squatter.close(resolve));
    }
  });

  test('a broken cluster fails with the end of the server log', async () => {
    const control = join(dataDir, 'global', 'pg_control');
    const good = readFileSync(control);
    writeFileSync(control, Buffer.alloc(good.length));
    await expect(start()).rejects.toThrow(/could not start[\s\S]*(FATAL|PANIC)/);
    writeFileSync(control, good);
    expect((await start()).firstBoot).toBe(false);
  });

  test('lost passwords are a clear error, and the data stays', async () => {
    const file = `${dataDir}.secrets.json`;
    const secrets = readFileSync(file);
    rmSync(file);
    await expect(start()).rejects.toThrow(/Put the file back/);
    writeFileSync(file, secrets, { mode: 0o600 });
    expect((await start()).firstBoot).toBe(false);
  });

  test('a server that is not ready in time is ended, and so said', async () => {
    const slow = startPostgres({ dataDir, port: 0, log: () => undefined, readyTimeoutMs: 0 });
    await expect(slow).rejects.toThrow(/not ready within 0 s/);
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  test('programs that cannot be run', async () => {
    const binaries = { ...resolveBinaries(), initdb: '/nowhere/initdb', postgres: '/nowhere/postgres' };
    const dir = join(home, 'never');
    const context = { binaries, runAs: { kind: 'self' }, dataDir: dir, log: () => undefined } as const;
    await expect(ensureCluster(context)).rejects.toThrow(/initdb could not make.*ENOENT/);
    const options = { port: 0, logFile: join(home, 'never.log'), readyTimeoutMs: 1000 };
    await expect(launch(context, options)).rejects.toThrow(/ENOENT/);
    expect(existsSync(dir)).toBe(false);
  });

  test.runIf(process.getuid?.() === 0)(
    'root behind a closed folder runs in a namespace, and back',
    async () => {
      const closed = join(home, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const dir = join(closed, 'pg');
      const server = await start(dir);
      expect(statSync(dir).uid).toBe(0);
      await ensureDatabase(server);
      await server.stop();
      chmodSync(closed, 0o755);
      await ensureDatabase(await start(dir));
      expect(statSync(join(dir, 'base')).uid).toBe(65_534);
    },
  );

  test('the bare start can be timed', async () => {
    expect(await timeBareStart({ dataDir, port: 0, log: (line) => log.push(line) })).toBeGreaterThan(0);
    expect(existsSync(join(dataDir, 'postmaster.pid'))).toBe(false);
  });
});

function runScript(script: string): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=stager-dev', '--input-type=module-typescript', '-e', script],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.split('\n', 1)[0] ?? '');
    });
    child.once('exit', () => reject(new Error(`the launcher ended early: ${text}`)));
  });
}

function killed(child: ChildProcess): Promise<void> {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  return gone;
}
