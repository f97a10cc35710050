import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { FINISH } from '@stager/server/core/engines/finish';
import { createDiskObjects } from '@stager/server/infra/objects/disk/index';
import {
  type ClaimedJob,
  type JobStore,
  ObjectStoreError,
  type Objects,
  StoreUnavailable,
} from '@stager/server/ports';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { keysOf } from '../../../tests/support/keys.ts';
import type { Engine, EngineContext } from '../engines/types.ts';
import { JobStopped } from '../loop/stopped.ts';
import { createSandboxPool, type SandboxPool } from '../sandbox/pool.ts';
import { aJob, keepingLog } from '../testing.ts';
import { type JobDeps, processJob } from './job.ts';
import type { Engines } from './run.ts';
import { openWorkDirs } from './workDirs.ts';

const BYTES = Buffer.from('a photo');

const complete = vi.fn<JobStore['complete']>();
const fail = vi.fn<JobStore['fail']>();
const release = vi.fn<JobStore['release']>();
const progress = vi.fn<JobStore['progress']>();
const kick = vi.fn();
const log = keepingLog();
let folder: string;
let objects: Objects;
let sandbox: SandboxPool;

beforeAll(() => {
  const registry = new URL('../sandbox/hostile.fixture.ts', import.meta.url);
  sandbox = createSandboxPool({ size: 1, memoryMb: 300, registry });
});
afterAll(() => sandbox.close());

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stager-job-'));
  const secrets = ['a-secret-of-16-bytes'];
  objects = createDiskObjects({ root: join(folder, 'store'), publicUrl: 'http://127.0.0.1:1', secrets });
  for (const write of [complete, fail, release, progress]) write.mockReset().mockResolvedValue(true);
  kick.mockReset();
  log.lines.length = 0;
});
afterEach(async () => {
  expect(kick).toHaveBeenCalled();
  expect(await readdir(join(folder, 'work')).catch(() => [])).toEqual([]);
  await rm(folder, { recursive: true });
});

/** Engines of the hostile registry run in the sandbox, others inline. */
function enginesOf(inline: Record<string, Engine['run']>, timeoutMs = 60_000): Engines {
  const place = (name: string) => (name in inline ? 'inline' : 'child');
  return {
    find: (name) => (name === 'none' ? undefined : { ...FINISH, name, place: place(name), timeoutMs }),
    load: async (name) => ({
      descriptor: FINISH,
      run: inline[name] ?? (() => Promise.reject(new Error(name))),
    }),
  };
}

interface Wish {
  readonly job?: Partial<ClaimedJob>;
  readonly params?: Record<string, string>;
  readonly inline?: Record<string, Engine['run']>;
  readonly timeoutMs?: number;
  readonly stored?: Buffer | null;
  readonly signal?: AbortSignal;
  readonly objects?: Partial<Objects>;
}

async function runJob(engine: string, wish: Wish = {}): Promise<ClaimedJob> {
  const base = aJob();
  const sha256 = createHash('sha256').update(BYTES).digest('hex');
  const job: ClaimedJob = {
    ...base,
    image: { ...base.image, engine, params: wish.params ?? {} },
    original: { ...base.original, sha256, size: BYTES.length },
    ...wish.job,
  };
  const { stored = BYTES } = wish;
  if (stored) await objects.write({ bucket: 'photos', key: job.original.objectKey }, stored, 'image/jpeg');
  const dirs = openWorkDirs(join(folder, 'work'));
  const deps: JobDeps = {
    jobs: { complete, fail, release, progress },
    objects: { ...objects, ...wish.objects },
    sandbox,
    dirs,
    log,
    kick,
    maxPixels: 1_000,
    engines: enginesOf(wish.inline ?? {}, wish.timeoutMs),
    random: () => 1,
  };
  await processJob(deps, job, wish.signal ?? new AbortController().signal);
  await dirs.close();
  return job;
}

const outputs = () => keysOf(objects, 'photos', 'outputs/');

const failure = () => fail.mock.calls[0]?.[1];
const retryInMs = () => (fail.mock.calls[0]?.[2]?.getTime() ?? Number.NaN) - Date.now();

async function paint({ workDir }: EngineContext) {
  const path = join(workDir, 'finished.jpg');
  await writeFile(path, 'pixels');
  return { outputs: [{ name: 'finished', path, contentType: 'image/jpeg', width: 1, height: 1 }], info: {} };
}

describe('a job that succeeds', () => {
  test.each(['honest', 'inline'])('%s: its outputs are stored and published', async (engine) => {
    const job = await runJob(engine, { inline: { inline: (_, context) => paint(context) } });
    const sha256 = createHash('sha256').update('pixels').digest('hex');
    const objectKey = `outputs/acc_1/${job.imageId}/${job.lease}/finished.jpg`;
    const row = {
      name: 'finished',
      contentType: 'image/jpeg',
      size: 6,
      sha256,
      width: 1,
      height: 1,
      objectKey,
    };
    expect(complete.mock.calls).toEqual([[job, [row]]]);
    expect(await outputs()).toEqual([objectKey]);
    expect(fail).not.toHaveBeenCalled();
    expect(log.lines[0]?.fields).toMatchObject({
      jobId: job.id,
      imageId: job.imageId,
      accountId: 'acc_1',
      attempt: 1,
    });
  });

  test('takes its outputs back when the lease was lost', async () => {
    complete.mockResolvedValue(false);
    await runJob('honest');
    expect(await outputs()).toEqual([]);
    expect([fail.mock.calls.length, release.mock.calls.length]).toEqual([0, 0]);
  });

  test('leaves its outputs when nobody knows whether they were published', async () => {
    complete.mockRejectedValueOnce(new StoreUnavailable('cut off')).mockResolvedValue(false);
    await runJob('honest');
    expect(await outputs()).toHaveLength(1);
  });
});

describe('a job that fails', () => {
  test.each([
    ['refuses', {}, 'image_corrupt', false],
    ['throws', {}, 'engine_failed', true],
    ['exit', {}, 'engine_crashed', true],
    ['loop', { timeoutMs: 300 }, 'engine_timeout', true],
    ['buffers', {}, 'engine_out_of_memory', false],
    ['outside', { params: { path: '/etc/hostname' } }, 'engine_bad_output', false],
    ['symlink', { params: { path: '/etc/hostname' } }, 'engine_bad_output', false],
    ['none', {}, 'unknown_engine', false],
  ] as const)('%s: it is said, and nothing is published', async (engine, wish, code, retryable) => {
    const job = await runJob(engine, wish);
    expect(failure()).toMatchObject({ code, retryable });
    if (retryable) expect(retryInMs()).toBeLessThanOrEqual(1_000);
    else expect(fail.mock.calls[0]?.[2]).toBeNull();
    expect(fail.mock.calls[0]?.[0]).toBe(job);
    expect(complete).not.toHaveBeenCalled();
    expect(await outputs()).toEqual([]);
    expect(JSON.stringify(failure())).not.toContain('secret detail');
  });

  test('is dead behind its last attempt', async () => {
    await runJob('throws', { job: { attempt: 3, maxAttempts: 3 } });
    expect(fail.mock.calls[0]?.[2]).toBeNull();
  });

  test.each([
    ['other bytes', Buffer.from('a ph0to'), 'original_corrupt'],
    ['none', null, 'original_missing'],
  ])('its original has %s: no engine sees it', async (_, stored, code) => {
    const run = vi.fn<Engine['run']>();
    await runJob('inline', { stored, inline: { inline: run } });
    expect(failure()).toMatchObject({ code });
    expect(run).not.toHaveBeenCalled();
  });

  test('comes again when the pixel store is down, and the database was away for a moment', async () => {
    fail.mockRejectedValueOnce(new StoreUnavailable('down'));
    const write = () => Promise.reject(new ObjectStoreError('unreachable', 'down'));
    await runJob('honest', { objects: { write } });
    expect(failure()).toMatchObject({ code: 'store_unavailable' });
    expect(fail).toHaveBeenCalledTimes(2);
  });

  test('takes back what was stored before the store failed', async () => {
    const inline: Record<string, Engine['run']> = {
      two: async (_, context) => {
        const { outputs: made, info } = await paint(context);
        return { outputs: [...made, ...made.map((output) => ({ ...output, name: 'thumbnail' }))], info };
      },
    };
    const write: Objects['write'] = (ref, ...rest) =>
      ref.key.endsWith('thumbnail.jpg')
        ? Promise.reject(new ObjectStoreError('full', 'no space'))
        : objects.write(ref, ...rest);
    await runJob('two', { inline, objects: { write } });
    expect(failure()).toMatchObject({ code: 'store_unavailable' });
    expect(await outputs()).toEqual([]);
  });

  test('an inline engine that ignores its signal does not keep its place', async () => {
    const inline = { deaf: () => new Promise<never>(() => undefined) };
    await runJob('deaf', { inline, timeoutMs: 50 });
    expect(failure()).toMatchObject({ code: 'engine_timeout', retryable: true });
  });

  test('that cannot even be recorded is left to its lease', async () => {
    fail.mockRejectedValue(new Error('violates a constraint'));
    await runJob('refuses');
    expect(log.lines.map(({ message }) => message)).toContain('the end of a job could not be recorded');
  });
});

describe('a job that is stopped', () => {
  /** Stops the job once its engine works. */
  function stoppedBy(reason: 'lease_lost' | 'drain') {
    const stop = new AbortController();
    const inline: Record<string, Engine['run']> = {
      slow: async (_, context) => {
        stop.abort(new JobStopped(reason));
        await delay(60_000, undefined, { signal: context.signal });
        return paint(context);
      },
    };
    return { inline, signal: stop.signal };
  }

  test('because its lease is lost: nothing is written', async () => {
    await runJob('slow', stoppedBy('lease_lost'));
    for (const write of [complete, fail, release]) expect(write).not.toHaveBeenCalled();
    expect(await outputs()).toEqual([]);
  });

  test('because the worker leaves: it is given back', async () => {
    const job = await runJob('slow', stoppedBy('drain'));
    expect(release.mock.calls).toEqual([[job]]);
    expect(fail).not.toHaveBeenCalled();
  });

  test('because its progress finds the lease lost', async () => {
    progress.mockResolvedValue(false);
    const inline: Record<string, Engine['run']> = {
      slow: async (_, context) => {
        context.progress(0.5, 'paint');
        await delay(60_000, undefined, { signal: context.signal });
        return paint(context);
      },
    };
    await runJob('slow', { inline });
    for (const write of [complete, fail, release]) expect(write).not.toHaveBeenCalled();
  });

  test('in the sandbox: its process is gone', async () => {
    const stop = new AbortController();
    progress.mockImplementation(async () => {
      stop.abort(new JobStopped('drain'));
      return true;
    });
    await runJob('hang', { signal: stop.signal });
    const pid = Number(progress.mock.calls[0]?.[2]);
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    expect(release).toHaveBeenCalledOnce();
  });
});
