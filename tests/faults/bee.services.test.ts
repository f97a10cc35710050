import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type RedisClient } from 'redis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createBeeDoorbell } from '../../server/src/infra/doorbell/bee/index.ts';
import type { Doorbell } from '../../server/src/ports/index.ts';
import { startFreezeProxy } from '../support/freezeProxy.ts';
import { freePort, type Server, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/stack.ts';

let folder: string;
let redis: Server;
let closing: (() => Promise<unknown>)[];
beforeEach(async () => {
  folder = makeTempDir('stager-bee');
  redis = await startRedis(join(folder, 'a'));
  closing = [];
});
afterEach(async () => {
  for (const end of closing.toReversed()) await end();
  await redis.stop('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const PREFIX = 'fault';
const at = (port: number) => `redis://127.0.0.1:${port}`;
let rung = 0;
const next = () => ({ v: 1, jobId: `job_${rung++}` }) as const;

function open(url = at(redis.port)): Doorbell {
  const bell = createBeeDoorbell({ url, prefix: PREFIX });
  closing.push(() => bell.close());
  return bell;
}

/** Listens and counts. */
async function count(bell: Doorbell, hold?: Promise<void>) {
  const heard = { rings: 0 };
  await bell.listen(() => {
    heard.rings += 1;
    return hold;
  });
  return heard;
}

/** Rings until it is heard, as the sweeper does. */
async function untilHeard(bell: Doorbell, heard: { rings: number }): Promise<void> {
  const before = heard.rings;
  await expect
    .poll(
      async () => {
        const went = await bell.ring([next()]).then(
          () => true,
          () => false,
        );
        return went && heard.rings > before;
      },
      { interval: 20 },
    )
    .toBe(true);
}

function command<T>(
  run: (client: RedisClient, done: (error: Error | null, answer: T) => void) => void,
): Promise<T> {
  const client = createClient({ url: at(redis.port) });
  return new Promise<T>((resolve, reject) => {
    run(client, (error, answer) => (error ? reject(error) : resolve(answer)));
  }).finally(() => client.end(true));
}

describe('the doorbell on a Redis that fails', () => {
  test('after a restart of Redis, empty or not, it rings again', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    await untilHeard(here, heard);
    for (const data of ['a', 'b']) {
      await redis.stop('SIGKILL');
      redis = await startRedis(join(folder, data), redis.port);
      await untilHeard(here, heard);
    }
  });

  test('scripts that somebody flushes under it are loaded again', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    await untilHeard(here, heard);
    await command((client, done) => client.script('flush', done));
    await untilHeard(here, heard);
  });

  test('a Redis that is wiped in the middle costs nothing but the rings', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    await untilHeard(here, heard);
    await command((client, done) => client.flushall(done));
    await untilHeard(here, heard);
  });

  test('one that was not there at the start is found when it comes', async () => {
    const port = await freePort();
    const [here, there] = [open(at(port)), open(at(port))];
    const heard = await count(there);
    await expect(here.ring([next()])).rejects.toThrow();
    await expect(here.check()).rejects.toThrow();
    const late = await startRedis(join(folder, 'late'), port);
    closing.unshift(() => late.stop());
    await untilHeard(here, heard);
    await expect
      .poll(() =>
        here.check().then(
          () => true,
          () => false,
        ),
      )
      .toBe(true);
  });

  test('connections that are lost again and again do not slow it down for good', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    for (let n = 0; n < 5; n++) {
      await untilHeard(here, heard);
      await command((client, done) => client.client('kill', 'type', 'normal', done));
    }
    await untilHeard(here, heard);
  });

  test('a Redis that stands still refuses rings in a bounded time, and is used again when it goes on', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    await untilHeard(here, heard);
    process.kill(redis.pid, 'SIGSTOP');
    await expect(here.ring([next()])).rejects.toThrow();
    await expect(here.ring([next()])).rejects.toThrow();
    process.kill(redis.pid, 'SIGCONT');
    await untilHeard(here, heard);
  });

  test('a connection that is half open is noticed by both sides', async () => {
    const proxy = await startFreezeProxy(at(redis.port));
    closing.push(() => proxy.close());
    const [here, there] = [open(proxy.url), open(proxy.url)];
    const heard = await count(there);
    await untilHeard(here, heard);
    proxy.freeze();
    await untilHeard(here, heard);
  });

  test('a ring that a dead worker took with it goes to another one', async () => {
    const [here, dead] = [open(), open()];
    const never = Promise.withResolvers<void>();
    const taken = await count(dead, never.promise);
    await here.ring([next()]);
    await expect.poll(() => taken.rings).toBeGreaterThan(1);
    await dead.close();
    const alive = await count(open());
    await expect.poll(() => alive.rings).toBeGreaterThan(1);
    never.resolve();
  });

  test('it keeps nothing: no job, no result, no memory of who rang', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    for (let n = 0; n < 10; n++) await here.ring(Array.from({ length: 200 }, next));
    await expect.poll(() => heard.rings).toBeGreaterThan(2000);
    const keys = async () => {
      const names = await command<string[]>((client, done) => client.keys(`${PREFIX}:*`, done));
      return names.filter((name) => !/:(id|stallBlock|stalling)$/.test(name));
    };
    await expect.poll(keys).toEqual([]);
  });

  test('what is rung twice waits once', async () => {
    const here = open();
    const ring = next();
    for (let n = 0; n < 50; n++) await here.ring([ring]);
    expect(await command<number>((client, done) => client.llen(`${PREFIX}:stage:waiting`, done))).toBe(1);
    const stored = await command<string>((client, done) =>
      client.hget(`${PREFIX}:stage:jobs`, ring.jobId, done),
    );
    const { data, options } = JSON.parse(stored);
    expect(data).toEqual(ring);
    // No retries, no delay, no timeout of its own: all of that is the database's.
    expect(Object.keys(options).sort()).toEqual(['stacktraces', 'timestamp']);
  });

  test('closed, it leaves no connection', async () => {
    const [here, there] = [open(), open()];
    const heard = await count(there);
    await untilHeard(here, heard);
    await Promise.all([here.close(), there.close()]);
    const clients = () =>
      command<string>((client, done) => client.client('list', done)).then(
        (list) => list.trim().split('\n').length,
      );
    await expect.poll(clients).toBe(1);
  });
});
