import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { allEvents } from '../../tests/support/fixtures.ts';
import { freePort } from '../../tests/support/services.ts';
import { childPids } from '../../tests/support/stack.ts';
import { startOutageProxy } from './outage.fixture.ts';
import { isAlive, isFinal, type Rig, spawnWorker, startRig } from './rig.fixture.ts';

/** A photo that keeps an engine busy for seconds. */
const SLOW = { width: 9000, height: 7000 };

let rig: Rig;
beforeEach(async () => {
  rig = await startRig();
});
afterEach(() => rig.close());

async function ended(imageId: string, timeout = 40_000) {
  await expect
    .poll(async () => isFinal((await rig.image(imageId)).state), { timeout, interval: 100 })
    .toBe(true);
  return rig.image(imageId);
}

async function begun(imageId: string): Promise<void> {
  const state = async () => (await rig.image(imageId)).state;
  await expect.poll(state, { interval: 20 }).toBe('processing');
}

/** The processes in which engines run, once there is one. */
async function enginesOf(pid: number): Promise<number[]> {
  await expect.poll(() => childPids(pid).length, { interval: 20 }).toBeGreaterThan(0);
  return childPids(pid);
}

async function expectPublishedOnce(imageId: string): Promise<void> {
  const image = await rig.image(imageId);
  expect(image.outputs.map(({ name }) => name).sort()).toEqual(['before', 'finished', 'thumbnail']);
  const folders = new Set(image.outputs.map(({ objectKey }) => objectKey.replace(/[^/]*$/, '')));
  expect(folders.size).toBe(1);
  for (const { objectKey, sha256, size } of image.outputs) {
    const bytes = await rig.objects.read({ bucket: 'photos', key: objectKey });
    expect(bytes?.length).toBe(size);
    expect(
      createHash('sha256')
        .update(bytes ?? '')
        .digest('hex'),
    ).toBe(sha256);
  }
  const types = (await allEvents(rig.store, rig.owner)).map(({ data }) => data);
  expect(types.filter((event) => event.imageId === imageId && event.type === 'image.ready')).toHaveLength(1);
}

describe('a worker', () => {
  test('makes what is queued, publishes it, and leaves nothing behind', async () => {
    const before = await rig.queue(1);
    const worker = rig.startWorker({ STAGER_WORKER_CONCURRENCY: '2' });
    await worker.ready;
    const after = await Promise.all([2, 3, 4, 5].map((seed) => rig.queue(seed)));
    for (const id of [before, ...after]) {
      expect(await ended(id)).toMatchObject({ state: 'ready', attempts: 1, error: null });
      await expectPublishedOnce(id);
    }
    worker.process.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(worker.output()).not.toContain('rig-secret');
    expect(await readdir(`${rig.folder}/work`)).toEqual([]);
  });

  test('does not decode bytes that were not verified', async () => {
    const worker = rig.startWorker();
    await worker.ready;
    const id = await rig.queue(1, { stored: Buffer.from('not what was uploaded') });
    const image = await ended(id);
    expect(image).toMatchObject({
      state: 'error',
      attempts: 1,
      error: { code: 'original_corrupt', retryable: false },
    });
    expect(await rig.outputKeys(id)).toEqual([]);
    // No engine was even started.
    expect(childPids(worker.pid)).toEqual([]);
  });

  test('killed amid a job: another makes it, once, and its engine dies with it', async () => {
    const first = rig.startWorker();
    await first.ready;
    const id = await rig.queue(1, SLOW);
    await begun(id);
    const engines = await enginesOf(first.pid);
    first.process.kill('SIGKILL');
    expect(await first.exited).toBe('SIGKILL');
    await rig.expireLeases();
    const second = rig.startWorker();
    const image = await ended(id);
    expect(image).toMatchObject({ state: 'ready', attempts: 2 });
    await expectPublishedOnce(id);
    for (const pid of engines) await expect.poll(() => isAlive(pid)).toBe(false);
    second.process.kill('SIGTERM');
    expect(await second.exited).toBe(0);
    expect(await readdir(`${rig.folder}/work`)).toEqual([]);
  });

  test('a canceled job ends its engine at once, long before the next renewal', async () => {
    const worker = rig.startWorker({ STAGER_LEASE_SECONDS: '300' });
    await worker.ready;
    const id = await rig.queue(1, SLOW);
    await begun(id);
    const [engine = 0] = await enginesOf(worker.pid);
    await rig.cancel(id);
    await expect.poll(() => isAlive(engine), { interval: 10 }).toBe(false);
    const next = await rig.queue(2);
    expect((await ended(next)).state).toBe('ready');
    expect((await rig.image(id)).state).toBe('canceled');
    expect(await rig.outputKeys(id)).toEqual([]);
  });
});

describe('stopping', () => {
  test('finishes what is in work and leaves what is queued', async () => {
    const id = await rig.queue(1, SLOW);
    const waiting = await rig.queue(2);
    const worker = rig.startWorker({ STAGER_DRAIN_SECONDS: '600' });
    await begun(id);
    // Perhaps before it has said that it is ready.
    worker.process.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(await rig.image(id)).toMatchObject({ state: 'ready', attempts: 1 });
    expect(await rig.image(waiting)).toMatchObject({ state: 'queued', attempts: 0 });
    await expectPublishedOnce(id);
  });

  test('gives back what takes too long, and the attempt does not count', async () => {
    const worker = rig.startWorker({ STAGER_DRAIN_SECONDS: '0' });
    await worker.ready;
    const id = await rig.queue(1, SLOW);
    await begun(id);
    const engines = await enginesOf(worker.pid);
    worker.process.kill('SIGTERM');
    expect(await worker.exited).toBe(0);
    expect(await rig.image(id)).toMatchObject({ state: 'queued', attempts: 0 });
    expect(engines.filter(isAlive)).toEqual([]);
    expect(await rig.outputKeys(id)).toEqual([]);
  });

  test('is quick when the one who started it is gone', async () => {
    const worker = rig.startWorker();
    await worker.ready;
    const id = await rig.queue(1, SLOW);
    await begun(id);
    worker.process.disconnect();
    expect(await worker.exited).toBe(0);
    // The usual time for what is in work is 25 s.
    expect(worker.output()).toMatch(/"graceMs":1000\b.*worker stops/);
    expect((await rig.image(id)).state).not.toBe('processing');
  });

  test('a second signal ends it at once', async () => {
    const worker = rig.startWorker();
    await worker.ready;
    await begun(await rig.queue(1, SLOW));
    worker.process.kill('SIGINT');
    await expect.poll(() => worker.output()).toContain('worker stops');
    worker.process.kill('SIGINT');
    expect(await worker.exited).toBe(130);
  });
});

describe('an outage of the database', () => {
  test('amid jobs costs time, and no job', async () => {
    const outage = await startOutageProxy(rig.database.workerUrl);
    try {
      const worker = rig.startWorker({ STAGER_DATABASE_URL: outage.url, STAGER_LEASE_SECONDS: '600' });
      await worker.ready;
      const ids = [await rig.queue(1, { width: 3000, height: 2000 }), await rig.queue(2)];
      await begun(ids[0] ?? '');
      outage.begin();
      await expect.poll(() => worker.output()).toContain('trying again');
      // The engine is through with the first, whose end cannot be written.
      await expect.poll(() => rig.outputKeys(ids[0] ?? '')).toHaveLength(3);
      outage.end();
      for (const id of ids) {
        expect(await ended(id)).toMatchObject({ state: 'ready', attempts: 1 });
        await expectPublishedOnce(id);
      }
      worker.process.kill('SIGTERM');
      expect(await worker.exited).toBe(0);
    } finally {
      await outage.close();
    }
  });

  test('at the start is waited for', async () => {
    const outage = await startOutageProxy(rig.database.workerUrl);
    try {
      outage.begin();
      const worker = rig.startWorker({ STAGER_DATABASE_URL: outage.url });
      await expect.poll(() => worker.output()).toContain('jobs cannot be claimed');
      const id = await rig.queue(1);
      outage.end();
      await worker.ready;
      expect((await ended(id)).state).toBe('ready');
      worker.process.kill('SIGTERM');
      expect(await worker.exited).toBe(0);
    } finally {
      await outage.close();
    }
  });
});

test('a worker that takes none of the work that is due is not ready, and ends; another one takes it', async () => {
  const id = await rig.queue(1);
  const holder = new pg.Client(rig.database.superuserUrl);
  await holder.connect();
  try {
    // Claims pass over what somebody holds; to the worker it looks due, and nothing comes of it.
    await holder.query('BEGIN');
    await holder.query('SELECT 1 FROM images FOR UPDATE');
    const port = await freePort();
    const worker = rig.startWorker({ STAGER_STUCK_SECONDS: '2', STAGER_WORKER_PORT: String(port) });
    await worker.ready;
    const STUCK = 'work is due and none is claimed';
    const late = new Set<number | undefined>();
    let over = false;
    const exited = worker.exited.finally(() => {
      over = true;
    });
    while (!over) {
      const isLate = worker.output().includes(STUCK);
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (isLate) late.add(answer?.status);
    }
    expect(await exited).toBe(1);
    // On a slow machine it may be gone before it is asked.
    expect([503, undefined]).toEqual(expect.arrayContaining([...late]));
    expect(worker.output()).toContain(STUCK);
  } finally {
    await holder.end();
  }
  const next = rig.startWorker();
  await next.ready;
  expect(await ended(id)).toMatchObject({ state: 'ready', attempts: 1 });
});

test('a configuration that is wrong is said in full, and ends the start', async () => {
  const worker = spawnWorker({ STAGER_WORKER_CONCURRENCY: 'many', STAGER_OBJECTS_SECRETS: 'short' });
  expect(await worker.exited).toBe(1);
  for (const name of [
    'STAGER_DATABASE_URL',
    'STAGER_WORKER_CONCURRENCY',
    'STAGER_OBJECTS_SECRETS',
    'STAGER_OBJECTS_DIR',
  ])
    expect(worker.output()).toContain(name);
  expect(worker.output()).not.toContain('short,');
});
