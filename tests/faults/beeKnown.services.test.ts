import { rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import Queue from 'bee-queue';
import { createClient, type RedisClient } from 'redis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openConnection } from '../../server/src/infra/doorbell/bee/connection.ts';
import { createBeeDoorbell } from '../../server/src/infra/doorbell/bee/index.ts';
import type { Ring } from '../../server/src/ports/index.ts';
import { startCutProxy } from '../support/cutProxy.ts';
import { type Server, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';

/*
 * What is known of bee-queue 2.0.0, each shown on the library as it is, and then on the doorbell. A new version of it that
 * has overcome one turns the first half red: then the doorbell may do less.
 */

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

const urlOf = () => `redis://127.0.0.1:${redis.port}`;

function bare(settings: Queue.QueueSettings = {}): Queue<object> {
  const queue = new Queue<object>('bare', { redis: { url: urlOf() }, ...settings });
  queue.on('error', () => undefined);
  closing.push(() => queue.close(10).catch(() => undefined));
  return queue;
}

function open(url = urlOf()) {
  const bell = createBeeDoorbell({ url, prefix: 'known' });
  closing.push(() => bell.close());
  return bell;
}

function ask<T>(
  run: (client: RedisClient, done: (error: Error | null, answer: T) => void) => void,
): Promise<T> {
  const client = createClient({ url: urlOf() });
  return new Promise<T>((resolve, reject) => {
    run(client, (error, answer) => (error ? reject(error) : resolve(answer)));
  }).finally(() => client.end(true));
}

const flushScripts = () => ask((client, done) => client.script('flush', done));
/** Workers that wait for a job: their connection blocks in BRPOPLPUSH. */
async function waitingWorkers(): Promise<number> {
  // The types say that it is parsed; for a section it is the text.
  const info = String(await ask((client, done) => client.info('clients', done)));
  return Number(/blocked_clients:(\d+)/.exec(info)?.[1]);
}

/** Rings until it is heard, as the sweeper does. */
async function expectHeard(
  ringer: ReturnType<typeof open>,
  listener: ReturnType<typeof open>,
): Promise<void> {
  let rings = 0;
  await listener.listen(() => {
    rings += 1;
  });
  // To listen is heard as a ring, too.
  const before = rings;
  await expect
    .poll(
      async () => {
        await ringer.ring([{ v: 1, jobId: `job_${rings}` }]).catch(() => undefined);
        return rings;
      },
      { interval: 20 },
    )
    .toBeGreaterThan(before + 1);
}

describe('scripts that went with a restart of Redis', () => {
  test('bare: every save fails for ever', async () => {
    const producer = bare({ isWorker: false });
    await producer.createJob({}).save();
    await redis.stop('SIGKILL');
    redis = await startRedis(join(folder, 'b'), redis.port);
    const reason = () =>
      producer
        .createJob({})
        .save()
        .then(
          () => 'saved',
          (error: Error) => error.message.split(' ')[0],
        );
    await expect.poll(reason).toBe('NOSCRIPT');
    expect(await reason()).toBe('NOSCRIPT');
  });

  test('the doorbell loads them again', async () => {
    const [here, there] = [open(), open()];
    await here.ring([{ v: 1, jobId: 'job_before' }]);
    await redis.stop('SIGKILL');
    redis = await startRedis(join(folder, 'b'), redis.port);
    await expectHeard(here, there);
  });
});

describe('a worker that starts while its scripts are gone', () => {
  test('bare: it lives on and takes nothing', async () => {
    const worker = bare();
    await worker.ready();
    await flushScripts();
    const failed = new Promise<Error>((resolve) => worker.once('error', resolve));
    let ran = 0;
    worker.process(async () => {
      ran += 1;
    });
    expect((await failed).message).toContain('NOSCRIPT');
    // The producer loads them again, which is too late.
    await bare({ isWorker: false }).createJob({}).save();
    expect(await waitingWorkers()).toBe(0);
    expect(await worker.checkHealth()).toMatchObject({ waiting: 1, active: 0 });
    expect(ran).toBe(0);
  });

  test('the doorbell begins anew until it hears', async () => {
    const thief = await startScriptThief(3);
    closing.push(thief.close);
    await expectHeard(open(), open(thief.url));
    expect(thief.struck).toBe(3);
  });

  /** A proxy that has Redis forget its scripts just before the first of them is called, on so many connections. */
  async function startScriptThief(times: number) {
    let struck = 0;
    const server = createServer((client) => {
      const upstream = connect(redis.port, '127.0.0.1');
      let stolen = false;
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => undefined);
        one.on('close', () => other.destroy());
      }
      upstream.pipe(client);
      client.on('data', async (chunk: Buffer) => {
        if (!stolen && struck < times && /evalsha/i.test(chunk.toString('latin1'))) {
          stolen = true;
          struck += 1;
          client.pause();
          await flushScripts();
          client.resume();
        }
        upstream.write(chunk);
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    return {
      url: `redis://127.0.0.1:${port}`,
      get struck() {
        return struck;
      },
      close: () => new Promise((done) => server.close(done)),
    };
  }
});

describe('a connection that is lost while many places wait', () => {
  test('bare: each place doubles one delay, and minutes pass before the next try', async () => {
    const places = 10;
    const worker = bare();
    const all = Promise.withResolvers<void>();
    let running = 0;
    worker.process(places, () => {
      running += 1;
      if (running === places) all.resolve();
      return all.promise;
    });
    await worker.saveAll(Array.from({ length: places }, () => worker.createJob({})));
    await all.promise;
    await expect.poll(() => worker.checkHealth()).toMatchObject({ succeeded: places });
    await ask((client, done) => client.client('kill', 'type', 'normal', done));
    // A private name; it says what else only a wait of minutes would show.
    await expect.poll(() => Reflect.get(worker, '_redisFailureRetryDelay')).toBeGreaterThan(60_000);
  });

  test('the doorbell is back within seconds, after however many failures', async () => {
    const cuts = 10;
    const proxy = await startCutProxy(urlOf(), (n) => (n < cuts ? 0 : null));
    closing.push(() => proxy.close());
    const url = `redis://127.0.0.1:${new URL(proxy.url).port}`;
    await expectHeard(open(), open(url));
    expect(proxy.connections).toBeGreaterThan(cuts);
  });
});

describe('what a producer keeps', () => {
  const COUNT = 1_000;

  test('bare: every job that it ever saved', async () => {
    const producer = bare({ isWorker: false, getEvents: false });
    await producer.saveAll(Array.from({ length: COUNT }, () => producer.createJob({})));
    expect(kept(producer)).toBe(COUNT);
  });

  test('the doorbell: nothing', async () => {
    const options = { url: urlOf(), name: 'stage', prefix: 'known', isWorker: false };
    const connection = await openConnection(options);
    closing.push(() => connection.close());
    const { queue } = connection;
    const rings = Array.from({ length: COUNT }, (_, n): Ring => ({ v: 1, jobId: `job_${n}` }));
    await queue.saveAll(rings.map((ring) => queue.createJob(ring).setId(ring.jobId)));
    expect(await queue.checkHealth()).toMatchObject({ waiting: COUNT });
    expect(kept(queue)).toBe(0);
  });

  function kept(queue: object): number {
    const jobs: unknown = Reflect.get(queue, 'jobs');
    if (!(jobs instanceof Map)) throw new Error('the queue keeps its jobs elsewhere');
    return jobs.size;
  }
});

describe('what bee-queue itself would do with jobs, which is why it is given none', () => {
  test('a job that ends its worker goes round without end, retries or not', async () => {
    const producer = bare({ isWorker: false });
    await producer.createJob({}).retries(0).save();
    let runs = 0;
    for (let worker = 1; worker <= 5; worker++) {
      const doomed = bare({ stallInterval: 50 });
      doomed.process(() => {
        runs += 1;
        return new Promise(() => undefined);
      });
      await expect
        .poll(
          async () => {
            if (runs < worker) await doomed.checkStalledJobs().catch(() => undefined);
            return runs;
          },
          { interval: 20 },
        )
        .toBe(worker);
      await doomed.close(1).catch(() => undefined);
    }
    expect(runs).toBe(5);
  });

  test('a worker that was blocked and the one in its place both succeed', async () => {
    // A long interval stands for a blocked worker: it says nothing of its job meanwhile.
    const blocked = bare({ stallInterval: 600_000 });
    const next = bare({ stallInterval: 50 });
    const done = Promise.withResolvers<void>();
    const succeeded: string[] = [];
    blocked.on('succeeded', () => void succeeded.push('blocked'));
    next.on('succeeded', () => void succeeded.push('next'));
    const begun = Promise.withResolvers<void>();
    blocked.process(() => {
      begun.resolve();
      return done.promise;
    });
    await blocked.createJob({}).save();
    await begun.promise;
    // It has looked for stalled jobs itself, and nobody else does for its long interval.
    await ask((client, done) => client.del('bq:bare:stallBlock', done));
    next.process(async () => undefined);
    await expect
      .poll(
        async () => {
          if (succeeded.length === 0) await next.checkStalledJobs();
          return succeeded;
        },
        { interval: 20 },
      )
      .toEqual(['next']);
    done.resolve();
    await expect.poll(() => succeeded).toEqual(['next', 'blocked']);
  });

  test('a time limit does not end the handler: the next one runs beside it', async () => {
    const worker = bare();
    const end = Promise.withResolvers<void>();
    let running = 0;
    worker.process(10, () => {
      running += 1;
      return end.promise;
    });
    await worker.createJob({}).timeout(20).retries(2).save();
    await expect.poll(() => running).toBe(3);
    end.resolve();
  });
});
