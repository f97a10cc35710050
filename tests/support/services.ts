import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../server/src/dev/ports.ts';

export { freePort };

export interface Services {
  readonly minio: { readonly port: number; readonly folder: string };
  readonly redis: { readonly port: number };
  /** Of a PostgreSQL 15 that is not the embedded one. */
  readonly postgresBin: string;
}

export interface Server {
  readonly port: number;
  readonly pid: number;
  /** SIGTERM, or another signal; resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export const MINIO_USER = 'stager-test';
export const MINIO_PASSWORD = 'stager-test-0123456789';

/** MinIO, or the gateway where MinIO could not be built; `npm run services` says which. */
export function storeProgram(): 'minio' | 'versitygw' {
  return hasProgram('minio') || !hasProgram('versitygw') ? 'minio' : 'versitygw';
}

/** A pixel store on a folder, each folder in it a bucket. The same port again restarts what was there. */
export async function startMinio(folder: string, port?: number): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const at = port ?? (await freePort());
  const program = storeProgram();
  const { args, env, ready } = program === 'minio' ? await minioCall(folder, at) : gatewayCall(folder, at);
  const child = spawn(findProgram(program), args, {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], HOME: folder, ...env },
  });
  await until(child, program, async () => {
    const answer = await fetch(`http://127.0.0.1:${at}${ready}`).catch(() => undefined);
    return answer?.status === 200;
  });
  return serverOf(child, at);
}

/** Stripe's own mock, which checks requests against the description of its API and keeps nothing. */
export async function startStripeMock(): Promise<Server> {
  const at = await freePort();
  // It opens its port for https as well, unless that is another one: one of all programs' would be taken by a twin.
  const args = ['-http-addr', `127.0.0.1:${at}`, '-https-addr', '127.0.0.1:0'];
  const child = spawn(findProgram('stripe-mock'), args, { stdio: 'ignore' });
  await until(child, 'stripe-mock', async () => {
    const answer = await fetch(`http://127.0.0.1:${at}/v1/charges`).catch(() => undefined);
    return answer !== undefined;
  });
  return serverOf(child, at);
}

async function minioCall(folder: string, port: number) {
  const console = await freePort();
  return {
    args: [
      ...['server', folder, '--quiet', '--address', `127.0.0.1:${port}`],
      ...['--console-address', `127.0.0.1:${console}`],
    ],
    env: {
      MINIO_ROOT_USER: MINIO_USER,
      MINIO_ROOT_PASSWORD: MINIO_PASSWORD,
      MINIO_BROWSER: 'off',
      MINIO_UPDATE: 'off',
      // A checkup of the disk that takes seconds on a busy machine.
      MINIO_CI_CD: '1',
    },
    ready: '/minio/health/ready',
  };
}

function gatewayCall(folder: string, port: number) {
  const login = ['--access', MINIO_USER, '--secret', MINIO_PASSWORD];
  const args = [...login, '--port', `127.0.0.1:${port}`, '--health', '/health', '--quiet', 'posix', folder];
  return { args, env: {}, ready: '/health' };
}

/** Settings of a stack on these servers: each data folder has buckets and keys of its own. */
export function envOf({ minio, redis, postgresBin: bin }: Services, dataDir: string): Record<string, string> {
  const own = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const [uploads, photos] = [`uploads-${own}`, `photos-${own}`];
  // The store on a plain folder takes every folder in it for a bucket.
  for (const bucket of [uploads, photos]) mkdirSync(join(minio.folder, bucket), { recursive: true });
  const endpoint = `http://127.0.0.1:${minio.port}`;
  return {
    STAGER_DEV_POSTGRES: bin,
    STAGER_OBJECTS: 's3',
    STAGER_OBJECTS_PUBLIC_URL: endpoint,
    STAGER_S3_ENDPOINT: endpoint,
    STAGER_S3_ACCESS_KEY: MINIO_USER,
    STAGER_S3_SECRET_KEY: MINIO_PASSWORD,
    STAGER_S3_UPLOADS_BUCKET: uploads,
    STAGER_S3_PHOTOS_BUCKET: photos,
    STAGER_DOORBELL: 'bee',
    STAGER_LIMITER: 'redis',
    STAGER_REDIS_URL: `redis://127.0.0.1:${redis.port}`,
    STAGER_REDIS_PREFIX: own,
  };
}

/** Redis as production runs it: appended to disk, nothing evicted. */
export async function startRedis(folder: string, port?: number): Promise<Server> {
  mkdirSync(folder, { recursive: true });
  const at = port ?? (await freePort());
  const settings = {
    port: String(at),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    appendonly: 'yes',
    appendfsync: 'everysec',
    'maxmemory-policy': 'noeviction',
  };
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(findProgram('redis-server'), args, { stdio: 'ignore' });
  await until(child, 'Redis', () => answersPing(at));
  return serverOf(child, at);
}

export function hasProgram(name: string): boolean {
  return pathOf(name) !== undefined;
}

/** On PATH, in the cache of the project, or where Debian puts it. */
export function findProgram(name: string): string {
  const found = pathOf(name);
  if (found === undefined) {
    throw new Error(`${name} is not installed. \`npm run services\` installs what the tests need.`);
  }
  return found;
}

function pathOf(name: string): string | undefined {
  const folders = [
    '/usr/lib/postgresql/15/bin',
    ...(process.env['PATH'] ?? '').split(delimiter),
    cacheFolder(),
  ];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** It says `master` of itself, whatever it was built of. */
export const STRIPE_MOCK_VERSION = 'v0.203.0';

/** What a program says of its version; '' when it is not there. */
export function versionOf(name: string): string {
  const path = pathOf(name);
  if (path === undefined) return '';
  if (name === 'stripe-mock') return STRIPE_MOCK_VERSION;
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 60_000 });
  return (stdout?.split('\n')[0] ?? '').replace(/ (sha=|\(commit-id).*/, '').trim();
}

/** The `bin` of the PostgreSQL that this machine has. */
export function postgresBin(): string {
  return dirname(findProgram('postgres'));
}

/** Outside of every clone: what was built once serves them all. */
export function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'stager');
}

async function answersPing(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.once('data', (data) => {
      socket.destroy();
      resolve(data.toString().startsWith('+PONG'));
    });
    socket.once('error', () => resolve(false));
  });
}

const READY_MS = 120_000;

async function until(child: ChildProcess, name: string, isReady: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + READY_MS;
  while (!(await isReady())) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    if (performance.now() > end) {
      child.kill('SIGKILL');
      throw new Error(`${name} was not ready within ${READY_MS / 1000} s`);
    }
    await sleep(20);
  }
}

function serverOf(child: ChildProcess, port: number): Server {
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    port,
    pid: child.pid ?? 0,
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
}
