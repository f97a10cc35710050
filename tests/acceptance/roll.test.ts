import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Stager } from '@stager/sdk';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Balancer, startBalancer } from '../support/balancer.ts';
import { databaseUrls, type KeptProcess, keepProcess, pidsOf } from '../support/keptProcess.ts';
import { makePhoto } from '../support/photos.ts';
import { onServices, serviceEnv } from '../support/profile.ts';
import { freePort } from '../support/services.ts';
import { makeTempDir, startTestStack, type TestStack } from '../support/stack.ts';

/** On the servers of production, where it takes longest, more of them. */
const PHOTOS = onServices ? 300 : 120;
/** So many of them are held back until the roll is over: all of it happens amid the upload. */
const HELD_BACK = 20;
const API = 'start/main.ts';
const WORKER = 'worker/src/main.ts';

let dataDir: string;
let balancer: Balancer;
let stack: TestStack;
let second: Record<'api' | 'worker', KeptProcess>;
/** A deployment of two APIs behind a balancer and two workers: the stack's own, and one more of each. */
beforeAll(async () => {
  dataDir = makeTempDir('stager-roll');
  balancer = await startBalancer();
  const settings = {
    // On the embedded parts the links of the photos lead through the balancer, too.
    STAGER_OBJECTS_PUBLIC_URL: balancer.url,
    ...serviceEnv(dataDir),
    STAGER_DRAIN_NOTICE_SECONDS: '2',
    STAGER_RATE_READ: '100000',
    STAGER_RATE_WRITE: '100000',
  };
  stack = await startTestStack({ dataDir, env: settings });
  const port = await freePort();
  const urlOf = databaseUrls(dataDir);
  const common = {
    STAGER_OBJECTS: 'disk',
    STAGER_OBJECTS_DIR: join(dataDir, 'objects'),
    STAGER_OBJECTS_SECRETS: JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).objects,
    STAGER_DOORBELL: 'postgres',
    ...settings,
  };
  second = {
    api: keepProcess('server/src/start/main.ts', {
      ...common,
      STAGER_DATABASE_URL: urlOf('stager_api'),
      STAGER_RELAY_DATABASE_URL: urlOf('stager_relay'),
      STAGER_PORT: String(port),
      STAGER_ISSUER: stack.env['STAGER_DEV_ISSUER'] ?? '',
      STAGER_AUDIENCE: stack.env['STAGER_DEV_AUDIENCE'] ?? '',
      STAGER_CLI_CLIENT_ID: 'stager-cli',
    }),
    worker: keepProcess(WORKER, { ...common, STAGER_DATABASE_URL: urlOf('stager_worker') }),
  };
  balancer.use([stack.apiUrl, `http://127.0.0.1:${port}`]);
  await bothReady();
});
afterAll(async () => {
  await Promise.all([second.api.stop(), second.worker.stop()]);
  await stack.stop();
  await balancer.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const bothReady = () => vi.waitUntil(() => balancer.ready.length === 2);

/** Tells a process to stop, and waits until another one is in its place. */
async function replace(current: () => number | undefined): Promise<void> {
  const before = current();
  if (before === undefined) throw new Error('there is nothing to replace');
  process.kill(before, 'SIGTERM');
  await vi.waitUntil(() => ![before, undefined].includes(current()));
}

async function roll(): Promise<void> {
  const [own, other] = [() => pidsOf(stack, API)[0], () => second.api.pid];
  for (const current of [own, other]) {
    await replace(current);
    await bothReady();
  }
  for (const current of [() => pidsOf(stack, WORKER)[0], () => second.worker.pid]) await replace(current);
}

/** What a client sees that tries nothing twice: each request once, with its answer or what came in its place. */
function watchRequests() {
  const rolled = Promise.withResolvers<void>();
  const failed: string[] = [];
  let requests = 0;
  let puts = 0;
  const watched: typeof fetch = async (input, init) => {
    const method = init?.method ?? 'GET';
    if (method === 'PUT') {
      puts += 1;
      if (puts > PHOTOS - HELD_BACK) await rolled.promise;
    }
    requests += 1;
    const what = `${method} ${new URL(String(input)).pathname}`;
    try {
      const answer = await fetch(input, init);
      if (!answer.ok) failed.push(`${what}: ${answer.status}`);
      return answer;
    } catch (error) {
      if (!init?.signal?.aborted) failed.push(`${what}: ${error instanceof Error ? error.message : error}`);
      throw error;
    }
  };
  return {
    fetch: watched,
    rolled: rolled.resolve,
    failed,
    get requests() {
      return requests;
    },
  };
}

test(`APIs and workers are replaced amid ${PHOTOS} photos: no request fails, and no job is lost`, async () => {
  const watch = watchRequests();
  const token = await stack.token();
  const stager = new Stager({ baseUrl: balancer.url, token, maxRetries: 0, fetch: watch.fetch });
  const photos = await Promise.all(Array.from({ length: PHOTOS }, (_, n) => makePhoto(n, 96, 72)));
  const sources = photos.map(({ bytes }, n) => ({ name: `photo-${n}.jpg`, bytes }));
  const created: string[] = [];
  const wrong: string[] = [];
  const begun = Promise.withResolvers<void>();
  const uploaded = (async () => {
    for await (const event of stager.stage(sources, { engine: 'finish', wait: true })) {
      if (event.type === 'created' && created.push(event.imageId) > 10) begun.resolve();
      if (event.type === 'failed' || event.type === 'rejected')
        wrong.push(`${event.file}: ${event.error.message}`);
    }
  })();
  await Promise.race([begun.promise, uploaded]);
  await roll();
  expect(created.length, 'the roll is over before the upload').toBeLessThan(PHOTOS);
  watch.rolled();
  await uploaded;

  expect([...watch.failed, ...balancer.failures, ...wrong]).toEqual([]);
  expect(watch.requests).toBeGreaterThan(PHOTOS);
  expect([...balancer.answered.values()].filter((count) => count > 10)).toHaveLength(2);
  expect(new Set(created).size).toBe(PHOTOS);
  const images = [];
  for await (const image of new Stager({ baseUrl: balancer.url, token }).images.list()) images.push(image);
  expect(images).toHaveLength(PHOTOS);
  // A job that a worker gave back is made by another, and counts as one attempt.
  expect(images.filter(({ state, attempts }) => state !== 'ready' || attempts !== 1)).toEqual([]);
});
