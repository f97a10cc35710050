import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newId } from '@stager/server/core/ids';
import { imageEvent } from '@stager/server/core/images/events';
import { createPostgresDoorbell } from '@stager/server/infra/doorbell/postgres';
import { createPostgresNotifier } from '@stager/server/infra/notify/postgres';
import { createDiskObjects } from '@stager/server/infra/objects/disk/index';
import { createListener, createPostgresStore } from '@stager/server/infra/postgres/index';
import type { ImageRow, Objects, Store } from '@stager/server/ports';
import pg from 'pg';
import sharp from 'sharp';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { addOriginal, aImage, makeAccount } from '../../tests/support/fixtures.ts';
import { keysOf } from '../../tests/support/keys.ts';

export interface QueueWish {
  readonly width?: number;
  readonly height?: number;
  /** Bytes that lie in the store in place of the photo. */
  readonly stored?: Buffer;
  readonly maxAttempts?: number;
}

/** What an API would be to workers: it queues photos and cancels, on a real database and a real store. */
export interface Rig {
  readonly database: TestDatabase;
  readonly store: Store;
  readonly objects: Objects;
  readonly owner: string;
  readonly folder: string;
  /** Makes a photo, and an image of it that waits for a worker. */
  queue(seed: number, wish?: QueueWish): Promise<string>;
  cancel(imageId: string): Promise<void>;
  /** As time does it to the leases of a worker that is gone. */
  expireLeases(): Promise<void>;
  image(imageId: string): Promise<ImageRow>;
  /** Keys of all that was made for an image. */
  outputKeys(imageId: string): Promise<string[]>;
  startWorker(env?: Readonly<Record<string, string>>): WorkerProcess;
  close(): Promise<void>;
}

export interface WorkerProcess {
  readonly process: ChildProcess;
  readonly pid: number;
  readonly ready: Promise<void>;
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | string | null>;
  /** Lines of its log, and what it wrote elsewhere. */
  output(): string;
}

export async function startRig(): Promise<Rig> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'stager-rig-'));
  const store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  const listener = createListener({ url: database.apiUrl });
  const doorbell = createPostgresDoorbell(listener);
  const notifier = createPostgresNotifier(listener);
  const common = { root: join(folder, 'objects'), publicUrl: 'http://127.0.0.1:1' };
  const objects = createDiskObjects({ ...common, secrets: ['rig-secret-0123456789'] });
  const owner = await makeAccount(store);
  const workers: WorkerProcess[] = [];
  await mkdir(join(folder, 'work'));

  async function queue(seed: number, wish: QueueWish = {}): Promise<string> {
    const { width = 320, height = 240, stored, maxAttempts = 3 } = wish;
    const bytes = await makePhoto(seed, width, height);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const contentType = 'image/png';
    const objectKey = `originals/${owner}/${sha256}`;
    await objects.write({ bucket: 'photos', key: objectKey }, stored ?? bytes, contentType);
    const jobId = newId('job');
    const imageId = await store.transaction(async (tx) => {
      const size = bytes.length;
      const row = { id: newId('org'), sha256, size, contentType, width, height, objectKey };
      const original = await addOriginal(tx, owner, row);
      const [image] = await tx.images.insert(owner, [aImage(original.id)]);
      if (!image) throw new Error('no image was made');
      await tx.jobs.queue(owner, {
        jobs: [{ id: jobId, imageId: image.id, priority: 1, maxAttempts }],
        reservation: null,
        events: [imageEvent(image, 'image.queued', image.createdAt)],
      });
      return image.id;
    });
    await doorbell.ring([{ v: 1, jobId }]);
    return imageId;
  }

  async function cancel(imageId: string): Promise<void> {
    await store.transaction(async (tx) => {
      await tx.images.getForUpdate(owner, imageId);
      await tx.jobs.cancelForImage(owner, imageId);
      const image = await tx.images.setState(owner, imageId, 'canceled', null);
      await tx.events.append(owner, [imageEvent(image, 'image.canceled', new Date())]);
    });
    await notifier.notify([owner]);
  }

  async function expireLeases(): Promise<void> {
    const client = new pg.Client(database.superuserUrl);
    await client.connect();
    await client.query(`UPDATE jobs SET lease_until = now() WHERE state = 'running'`);
    await client.end();
  }

  return {
    database,
    store,
    objects,
    owner,
    folder,
    queue,
    cancel,
    expireLeases,
    async image(imageId) {
      const image = await store.read.images.get(owner, imageId);
      if (!image) throw new Error(`there is no image ${imageId}`);
      return image;
    },
    outputKeys: (imageId) => keysOf(objects, 'photos', `outputs/${owner}/${imageId}/`),
    startWorker(env = {}) {
      const worker = spawnWorker({
        STAGER_ENV: 'test',
        STAGER_DATABASE_URL: database.workerUrl,
        STAGER_OBJECTS_DIR: common.root,
        STAGER_OBJECTS_PUBLIC_URL: common.publicUrl,
        STAGER_OBJECTS_SECRETS: 'rig-secret-0123456789',
        STAGER_WORKER_DIR: join(folder, 'work'),
        STAGER_WORKER_CONCURRENCY: '1',
        ...env,
      });
      workers.push(worker);
      return worker;
    },
    async close() {
      for (const { process: child } of workers) child.kill('SIGKILL');
      await Promise.all(workers.map(({ exited }) => exited));
      await listener.close();
      await store.close();
      await database.drop();
      await rm(folder, { recursive: true });
    },
  };
}

/** One colour: quick to make however large, and a PNG, which has to be decoded as a whole. */
function makePhoto(seed: number, width: number, height: number): Promise<Buffer> {
  const background = { r: 120 + (seed % 64), g: 130, b: 140 };
  return sharp({ create: { width, height, channels: 3, background } })
    .png({ compressionLevel: 1 })
    .toBuffer();
}

/** The worker as it is deployed, in a process of its own. */
export function spawnWorker(env: Readonly<Record<string, string>>): WorkerProcess {
  const names = ['PATH', 'HOME', 'TMPDIR', 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE'];
  const inherited = names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []));
  const child = spawn(
    process.execPath,
    ['--conditions=stager-dev', fileURLToPath(new URL('./main.ts', import.meta.url))],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...Object.fromEntries(inherited), ...env } },
  );
  let text = '';
  const read = [child.stdout, child.stderr].map(async (stream) => {
    for await (const chunk of stream ?? []) text += chunk;
  });
  // Not 'close': that does not come when the channel was closed on this side.
  const exited = once(child, 'exit').then(async ([code, signal]: (number | string | null)[]) => {
    await Promise.all(read);
    return code ?? signal ?? null;
  });
  const ready = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    void exited.then((code) => reject(new Error(`the worker ended with ${code}:\n${text}`)));
  });
  // A test need not wait for it.
  ready.catch(() => undefined);
  return { process: child, pid: child.pid ?? -1, ready, exited, output: () => text };
}

export function isFinal(state: ImageRow['state']): boolean {
  return state === 'ready' || state === 'error' || state === 'canceled';
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
