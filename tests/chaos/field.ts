import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { createS3Objects } from '../../server/src/infra/objects/s3/index.ts';
import { type FreezeProxy, startFreezeProxy } from '../support/freezeProxy.ts';
import { databaseUrls, keepProcess, pidsOf } from '../support/keptProcess.ts';
import { keysOf } from '../support/keys.ts';
import {
  envOf,
  MINIO_PASSWORD,
  MINIO_USER,
  postgresBin,
  type Server,
  startMinio,
  startRedis,
} from '../support/services.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { makeTempDir } from '../support/tempDir.ts';
import { commandOf, POOL, processesOf, WORKER_PLACES } from './leaks.ts';
import { type StoreProxy, startStoreProxy } from './storeProxy.ts';

/** A whole system on the servers of production, with hands on every part of it. */
export interface Field {
  readonly folder: string;
  readonly stack: TestStack;
  readonly store: StoreProxy;
  readonly redisProxy: FreezeProxy;
  /** Where the system finds Redis, by way of the proxy. */
  readonly redisPort: number;
  /** The Redis of this moment. */
  readonly redis: Server;
  restartRedis(options: { signal: NodeJS.Signals; empty: boolean }): Promise<void>;
  /** Pids of one kind of process. Both workers: that of the stack and the second one. */
  pids(kind: keyof typeof ENTRIES): number[];
  /** As superuser: for what is done to the server and for what is looked up in it. */
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>;
  /** Login of the superuser, for faults that need connections of their own. */
  readonly superuserUrl: string;
  /** Keys of all outputs in the pixel store. */
  storedOutputs(): Promise<string[]>;
  /** Ends everything; answers with what was left. */
  close(): Promise<string[]>;
}

/** Soon over for who waits for a job of a worker that is gone, and not lost where the machine stands still for a moment. */
const LEASE_SECONDS = 4;

const ENTRIES = { api: 'start/main.ts', worker: 'worker/src/main.ts', postgres: 'bin/postgres' } as const;

export async function openField(): Promise<Field> {
  const folder = makeTempDir('stager-chaos');
  const dataDir = join(folder, 'stack');
  const minioFolder = join(folder, 'minio');
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const minio = await startMinio(minioFolder);
  const store = await startStoreProxy(minio.port);
  let redisFolder = 0;
  let redis = await startRedis(join(folder, `redis-${redisFolder}`));
  const redisProxy = await startFreezeProxy(`http://127.0.0.1:${redis.port}`);
  const redisPort = Number(new URL(redisProxy.url).port);
  const services = {
    minio: { port: store.port, folder: minioFolder },
    redis: { port: redisPort },
    postgresBin: postgresBin(),
  };
  const adapters = envOf(services, dataDir);
  const env = {
    ...adapters,
    // Handed on to every child: by this all of them are found again.
    TMPDIR: temporary,
    // A connection that is not given back is missed soon.
    STAGER_DATABASE_POOL: String(POOL),
    STAGER_LEASE_SECONDS: String(LEASE_SECONDS),
    STAGER_WORKER_CONCURRENCY: String(WORKER_PLACES),
    STAGER_RATE_READ: '100000',
    STAGER_RATE_WRITE: '100000',
    STAGER_RATE_STREAM: '100000',
  };
  const stack = await startTestStack({ dataDir, env });
  const [uploads = '', photos = ''] = [
    adapters['STAGER_S3_UPLOADS_BUCKET'],
    adapters['STAGER_S3_PHOTOS_BUCKET'],
  ];
  const objects = createS3Objects({
    endpoint: `http://127.0.0.1:${minio.port}`,
    region: 'us-east-1',
    accessKey: MINIO_USER,
    secretKey: MINIO_PASSWORD,
    buckets: { uploads, photos },
  });
  const urlOf = databaseUrls(dataDir);
  const second = keepProcess('worker/src/main.ts', { ...env, STAGER_DATABASE_URL: urlOf('stager_worker') });

  return {
    folder,
    stack,
    store,
    redisProxy,
    redisPort,
    get redis() {
      return redis;
    },
    async restartRedis({ signal, empty }) {
      await redis.stop(signal);
      if (empty) redisFolder += 1;
      redis = await startRedis(join(folder, `redis-${redisFolder}`), redis.port);
    },
    pids(kind) {
      const own = pidsOf(stack, ENTRIES[kind]);
      return kind === 'worker' && second.pid !== undefined ? [...own, second.pid] : own;
    },
    async query<T extends object>(text: string, values: unknown[] = []) {
      const client = new pg.Client(urlOf('stager_super'));
      await client.connect();
      try {
        return (await client.query<T>(text, values)).rows;
      } finally {
        await client.end();
      }
    },
    superuserUrl: urlOf('stager_super'),
    storedOutputs: () => keysOf(objects, 'photos', 'outputs/'),
    async close() {
      await second.stop();
      await stack.stop();
      objects.close();
      await redisProxy.close();
      await store.close();
      await Promise.all([minio.stop(), redis.stop('SIGKILL')]);
      const processes = processesOf(folder);
      const left = processes.map((pid) => `process ${pid} is left: ${commandOf(pid)}`);
      for (const pid of processes) process.kill(pid, 'SIGKILL');
      left.push(...readdirSync(temporary).map((name) => `the folder ${name} is left`));
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      return left;
    },
  };
}
