import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createRedisLimiter } from '../../server/src/infra/limiter/redis.ts';
import { startFreezeProxy } from '../support/freezeProxy.ts';
import { type Server, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';
import { describeLimiter, TEST_LIMITS } from './limiter.ts';

/** Where Redis answers, on whatever machine: what it takes longer for than a request may wait is counted elsewhere. */
const PATIENT = { patienceMs: 60_000 };

const open = (port: number | string, patience: { patienceMs?: number } = {}) =>
  createRedisLimiter(TEST_LIMITS, { url: `redis://127.0.0.1:${port}`, prefix: 'test', ...patience });

/** Until it counts in Redis: a client connects in its own time. */
async function connected(limiter: ReturnType<typeof open>, other: ReturnType<typeof open>): Promise<void> {
  const end = performance.now() + 60_000;
  for (let n = 0; performance.now() < end; n++) {
    const key = `probe:${n}`;
    await limiter.take('read', key);
    if ((await other.take('read', key)).remaining === TEST_LIMITS.read - 2) return;
    await sleep(10);
  }
  throw new Error('the two do not count together');
}

let folder: string;
let redis: Server;
const limiters: ReturnType<typeof open>[] = [];
const make: typeof open = (port, patience) => {
  const limiter = open(port, patience);
  limiters.push(limiter);
  return limiter;
};
async function begin(): Promise<void> {
  folder = makeTempDir('stager-limiter');
  redis = await startRedis(join(folder, 'a'));
}
async function end(): Promise<void> {
  for (const limiter of limiters.splice(0)) await limiter.close();
  await redis.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}

describeLimiter(
  'Redis',
  async () => {
    await begin();
    const limiter = make(redis.port, PATIENT);
    await connected(limiter, make(redis.port, PATIENT));
    return limiter;
  },
  end,
);

describe('a limiter on Redis', () => {
  beforeEach(begin);
  afterEach(end);

  test('counts for all processes together', async () => {
    const [here, there] = [make(redis.port, PATIENT), make(redis.port, PATIENT)];
    await connected(here, there);
    const answers = [];
    for (let n = 0; n < 8; n++)
      answers.push((await (n % 2 ? here : there).take('read', 'account:a')).allowed);
    expect(answers.filter(Boolean)).toHaveLength(TEST_LIMITS.read);
  });

  test('while Redis is away each process counts for itself: nobody is without a limit, nobody is kept out', async () => {
    const [here, there] = [make(redis.port), make(redis.port)];
    await connected(here, there);
    const { port } = redis;
    await redis.stop('SIGKILL');
    const answers = [];
    for (let n = 0; n < 8; n++) answers.push((await here.take('read', 'account:b')).allowed);
    expect(answers.filter(Boolean)).toHaveLength(TEST_LIMITS.read);
    redis = await startRedis(join(folder, 'b'), port);
    await connected(here, there);
  });

  test.each([
    ['stands still', (server: Server) => process.kill(server.pid, 'SIGSTOP')],
    ['is half open', undefined],
  ])('one that %s holds no request up for long', async (_name, stop) => {
    const proxy = await startFreezeProxy(`redis://127.0.0.1:${redis.port}`);
    const [here, there] = [make(new URL(proxy.url).port), make(redis.port)];
    await connected(here, there);
    if (stop) stop(redis);
    else proxy.freeze();
    const answers = await Promise.all(Array.from({ length: 8 }, () => here.take('read', 'account:c')));
    expect(answers.filter(({ allowed }) => allowed)).toHaveLength(TEST_LIMITS.read);
    if (stop) process.kill(redis.pid, 'SIGCONT');
    await connected(here, there);
    await proxy.close();
  });
});
