import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type FreezeProxy, startFreezeProxy } from '../support/freezeProxy.ts';
import { envOf, postgresBin, type Server, startMinio, startRedis } from '../support/services.ts';
import { childPids, cleanEnv, repoRoot, startTestStack, type TestStack } from '../support/stack.ts';
import { makeTempDir } from '../support/tempDir.ts';
import { type StoreProxy, startStoreProxy } from './storeProxy.ts';

/** A whole system on the servers of production, with hands on every part of it. */
export interface Field {
  readonly folder: string;
  readonly stack: TestStack;
  readonly store: StoreProxy;
  readonly redisProxy: FreezeProxy;
  /** The Redis of this moment. */
  readonly redis: Server;
  restartRedis(options: { signal: NodeJS.Signals; empty: boolean }): Promise<void>;
  /** Pids of one kind of process. Both workers: that of the stack and the second one. */
  pids(kind: 'api' | 'worker' | 'postgres'): number[];
  /** As superuser: for what is done to the server and for what is looked up in it. */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Login of the superuser, for faults that need connections of their own. */
  readonly superuserUrl: string;
  /** Ends everything; answers with what was left running. */
  close(): Promise<number[]>;
}

export const LEASE_SECONDS = 2;

export async function openField(random: () => number): Promise<Field> {
  const folder = makeTempDir('stager-chaos');
  const dataDir = join(folder, 'stack');
  const minioFolder = join(folder, 'minio');
  const minio = await startMinio(minioFolder);
  const store = await startStoreProxy(minio.port, random);
  let redisFolder = 0;
  let redis = await startRedis(join(folder, `redis-${redisFolder}`));
  const redisProxy = await startFreezeProxy(`http://127.0.0.1:${redis.port}`);
  const services = {
    minio: { port: store.port, folder: minioFolder },
    redis: { port: Number(new URL(redisProxy.url).port) },
    postgresBin: postgresBin(),
  };
  const env = {
    ...envOf(services, dataDir),
    STAGER_LEASE_SECONDS: String(LEASE_SECONDS),
    STAGER_WORKER_CONCURRENCY: '2',
    STAGER_RATE_READ: '100000',
    STAGER_RATE_WRITE: '100000',
    STAGER_RATE_STREAM: '100000',
  };
  const stack = await startTestStack({ dataDir, env });
  const urlOf = databaseUrls(dataDir);
  const second = keepWorker({ ...env, STAGER_DATABASE_URL: urlOf('stager_worker', 'stager') });

  return {
    folder,
    stack,
    store,
    redisProxy,
    get redis() {
      return redis;
    },
    async restartRedis({ signal, empty }) {
      await redis.stop(signal);
      if (empty) redisFolder += 1;
      redis = await startRedis(join(folder, `redis-${redisFolder}`), redis.port);
    },
    pids(kind) {
      const own = childPids(stack.process.pid ?? 0).filter((pid) => kindOf(pid) === kind);
      return kind === 'worker' && second.pid !== undefined ? [...own, second.pid] : own;
    },
    async query<T extends object>(text: string, values: unknown[] = []) {
      const client = new pg.Client(urlOf('stager_super', 'stager'));
      await client.connect();
      try {
        return (await client.query<T>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    superuserUrl: urlOf('stager_super', 'stager'),
    async close() {
      await second.stop();
      await stack.stop();
      const left = processesOf(dataDir);
      await redisProxy.close();
      await store.close();
      await Promise.all([minio.stop(), redis.stop('SIGKILL')]);
      rmSync(folder, { recursive: true, force: true });
      return left;
    },
  };
}

function databaseUrls(dataDir: string): (role: string, database: string) => string {
  const { postgres } = JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8'));
  const passwords = JSON.parse(readFileSync(join(dataDir, 'postgres.secrets.json'), 'utf8'));
  return (role, database) => `postgres://${role}:${passwords[role]}@127.0.0.1:${postgres}/${database}`;
}

function kindOf(pid: number): 'api' | 'worker' | 'postgres' | undefined {
  try {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (command.includes('start/main.ts')) return 'api';
    if (command.includes('worker/src/main.ts')) return 'worker';
    return command.includes('postgres') ? 'postgres' : undefined;
  } catch {
    return undefined;
  }
}

/** A second worker, started again when it dies, as a deployment's supervisor would. */
function keepWorker(env: Readonly<Record<string, string>>) {
  let child: ChildProcess | undefined;
  let stopping = false;
  const start = () => {
    child = spawn(process.execPath, ['--conditions=stager-dev', join(repoRoot, 'worker/src/main.ts')], {
      stdio: 'ignore',
      env: { ...cleanEnv(), STAGER_ENV: 'test', STAGER_LOG_LEVEL: 'silent', ...env },
    });
    child.once('exit', () => {
      if (!stopping) setTimeout(start, 300);
    });
  };
  start();
  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Processes that write to a log of this data, or whose data it is. */
function processesOf(folder: string): number[] {
  const leads = (pid: number, link: string) => {
    try {
      return readlinkSync(`/proc/${pid}/${link}`).startsWith(folder);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && ['cwd', 'fd/1', 'fd/2'].some((link) => leads(pid, link)));
}
