import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { EngineInput } from '../engines/types.ts';
import {
  createSandboxPool,
  type SandboxPool,
  type SandboxPoolOptions,
  type SandboxRunOptions,
} from './pool.ts';

const HOSTILE = new URL('./hostile.fixture.ts', import.meta.url);
const ORPHAN = fileURLToPath(new URL('./orphan.fixture.ts', import.meta.url));

let dir = '';
let jobs = 0;
let pools: SandboxPool[] = [];

beforeAll(async () => {
  dir = await realpath(await mkdtemp(join(tmpdir(), 'stager-sandbox-')));
  await writeFile(join(dir, 'secret.txt'), 'not for publication');
});
afterEach(async () => {
  await Promise.all(pools.map((pool) => pool.close()));
  pools = [];
});
afterAll(() => rm(dir, { recursive: true, force: true }));

function open(options: Partial<SandboxPoolOptions> = {}): SandboxPool {
  const pool = createSandboxPool({ size: 1, memoryMb: 512, registry: HOSTILE, ...options });
  pools.push(pool);
  return pool;
}

interface RunOptions extends SandboxRunOptions {
  readonly params?: EngineInput['params'];
  readonly timeoutMs?: number;
  readonly originalPath?: string;
}

async function start(pool: SandboxPool, engine: string, options: RunOptions = {}) {
  const { params = {}, timeoutMs = 60_000, originalPath = '', ...rest } = options;
  const workDir = join(dir, `job-${jobs++}`);
  await mkdir(workDir);
  const input = {
    originalPath,
    contentType: 'image/jpeg',
    width: 1,
    height: 1,
    roomType: null,
    style: null,
    seed: 0,
    variation: 0,
    params,
  };
  return { workDir, result: pool.run({ engine, input, workDir, timeoutMs }, rest) };
}

async function run(pool: SandboxPool, engine: string, options: RunOptions = {}) {
  return (await start(pool, engine, options)).result;
}

/** Starts a job that announces the pid of its process, and resolves once it has. */
async function startAnnounced(pool: SandboxPool, engine: string, options: RunOptions = {}) {
  const { promise, resolve } = Promise.withResolvers<number>();
  const job = await start(pool, engine, { ...options, onProgress: (_, stage) => resolve(Number(stage)) });
  job.result.catch(() => undefined);
  return { ...job, pid: await promise };
}

/** A zombie that nobody reaps counts as gone. */
async function isGone(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return (
      process.platform === 'linux' && /^State:\s+[ZX]/m.test(await readFile(`/proc/${pid}/status`, 'latin1'))
    );
  } catch {
    return true;
  }
}

describe('an honest job', () => {
  test('gives its outputs, its info and its progress', async () => {
    const seen: [number, string][] = [];
    const { workDir, result } = await start(open(), 'honest', { onProgress: (...step) => seen.push(step) });
    const path = join(workDir, 'finished.jpg');
    expect((await result).outputs).toEqual([
      { name: 'finished', path, contentType: 'image/jpeg', width: 1, height: 1 },
    ]);
    expect(seen).toEqual([[0.5, 'half']]);
  });

  test('uses the process of the job before', async () => {
    const pool = open();
    const [first, second] = [await run(pool, 'honest'), await run(pool, 'honest')];
    expect(first.info['pid']).toBe(second.info['pid']);
    expect(first.info['pid']).not.toBe(process.pid);
  });

  test('more jobs than places: all are done', async () => {
    const pool = open({ size: 2 });
    const results = await Promise.all(Array.from({ length: 7 }, () => run(pool, 'honest')));
    expect(new Set(results.map((result) => result.info['pid'])).size).toBe(2);
  });

  test('a process is replaced after its number of jobs', async () => {
    const pool = open({ jobsPerChild: 2 });
    const pids = [];
    for (let i = 0; i < 4; i++) pids.push((await run(pool, 'honest')).info['pid']);
    expect(pids[0]).toBe(pids[1]);
    expect(pids[2]).toBe(pids[3]);
    expect(pids[1]).not.toBe(pids[2]);
  });

  test('a process that keeps half of its memory is replaced', async () => {
    const pool = open({ memoryMb: 300 });
    const [first, second] = [await run(pool, 'grow'), await run(pool, 'grow')];
    expect(first.info['pid']).not.toBe(second.info['pid']);
  });

  test('prewarm starts every process', async () => {
    const started = vi.fn();
    const pool = open({ size: 2, log: { debug: started, warn: () => undefined } });
    await pool.prewarm();
    expect(started).toHaveBeenCalledTimes(2);
    await run(pool, 'honest');
    expect(started).toHaveBeenCalledTimes(2);
  });
});

describe('a failing job', () => {
  test.each([
    ['exit', { code: 'engine_crashed', retryable: true, message: expect.stringContaining('code 7') }],
    ['abort', { code: 'engine_crashed', retryable: true }],
    ['throws', { code: 'engine_failed', retryable: true, message: expect.not.stringContaining('secret') }],
    [
      'refuses',
      { code: 'image_corrupt', retryable: false, message: 'The photo is damaged.', hint: 'Export it anew.' },
    ],
    ['inline', { code: 'unknown_engine', retryable: false }],
    ['no-such', { code: 'unknown_engine', retryable: false }],
    ['nothing', { code: 'engine_crashed', message: expect.stringContaining('protocol') }],
    ['garbage', { code: 'engine_crashed', message: expect.stringContaining('protocol') }],
    ['flood', { code: 'engine_crashed', message: expect.stringContaining('protocol') }],
    ['chatter', { code: 'engine_crashed', message: expect.stringContaining('protocol') }],
  ])('%s costs itself alone', async (engine, error) => {
    const pool = open();
    await expect(run(pool, engine)).rejects.toMatchObject({ name: 'EngineError', ...error });
    await expect(run(pool, 'honest')).resolves.toMatchObject({ outputs: [{ name: 'finished' }] });
  });

  test('the log has what the owner of the job is not told', async () => {
    const warn = vi.fn();
    await expect(run(open({ log: { debug: () => undefined, warn } }), 'throws')).rejects.toThrow();
    const detail = expect.stringMatching(/secret detail[\s\S]*caused by[\s\S]*the cause/);
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ code: 'engine_failed', detail }),
      'engine failed',
    );
  });

  test('a job beside it is not touched', async () => {
    const pool = open({ size: 2 });
    const until = join(dir, 'go');
    const beside = await startAnnounced(pool, 'wait', { params: { until } });
    await expect(run(pool, 'exit')).rejects.toMatchObject({ code: 'engine_crashed' });
    await expect(run(pool, 'loop', { timeoutMs: 200 })).rejects.toMatchObject({ code: 'engine_timeout' });
    await writeFile(until, '');
    expect((await beside.result).info['pid']).toBe(beside.pid);
  });

  test('a registry that cannot be loaded', async () => {
    const pool = open({ registry: new URL('./no-such.ts', import.meta.url) });
    await expect(run(pool, 'honest')).rejects.toMatchObject({ code: 'engine_crashed', retryable: true });
  });

  test('a process that does not start in time', async () => {
    const pool = open({ startTimeoutMs: 1 });
    await expect(run(pool, 'honest')).rejects.toMatchObject({
      code: 'engine_crashed',
      message: /start within 1 ms/,
    });
  });
});

describe('memory', () => {
  test.each(['procfs', 'child'] as const)(
    'a job that takes more than its limit is ended (measured by %s)',
    async (memorySource) => {
      if (memorySource === 'procfs' && process.platform !== 'linux') return;
      const pool = open({ memoryMb: 250, memorySource });
      const { result, pid } = await startAnnounced(pool, 'buffers');
      await expect(result).rejects.toMatchObject({
        code: 'engine_out_of_memory',
        retryable: false,
        message: /250 MiB/,
      });
      expect(await isGone(pid)).toBe(true);
      await expect(run(pool, 'honest')).resolves.toBeDefined();
    },
  );

  test('a heap that is full', async () => {
    const pool = open({ memoryMb: 200 });
    await expect(run(pool, 'heap')).rejects.toMatchObject({ code: 'engine_out_of_memory', retryable: false });
  });

  test.runIf(process.platform === 'linux')('the kernel would take the child first', async () => {
    const pool = open();
    const { pid } = await startAnnounced(pool, 'hang');
    expect((await readFile(`/proc/${pid}/oom_score_adj`, 'latin1')).trim()).toBe('1000');
  });
});

describe('time', () => {
  test.each(['loop', 'hang'])('%s is ended at its time limit', async (engine) => {
    const pool = open();
    // In the same process, whose number is known before: it may have no time to tell it.
    const { info } = await run(pool, 'honest');
    await expect(run(pool, engine, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'engine_timeout',
      retryable: true,
      message: /300 ms/,
    });
    expect(await isGone(Number(info['pid']))).toBe(true);
  });

  test.each(['loop', 'hang'])('%s is ended by its signal', async (engine) => {
    const controller = new AbortController();
    const pool = open();
    const { result, pid } = await startAnnounced(pool, engine, { signal: controller.signal });
    controller.abort();
    await expect(result).rejects.toMatchObject({ code: 'engine_aborted', retryable: true });
    expect(await isGone(pid)).toBe(true);
    await expect(run(pool, 'honest')).resolves.toBeDefined();
  });

  test('an aborted signal starts nothing', async () => {
    const started = vi.fn();
    const pool = open({ log: { debug: started, warn: () => undefined } });
    await expect(run(pool, 'honest', { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'engine_aborted',
    });
    expect(started).not.toHaveBeenCalled();
  });

  test('a job that waits leaves the queue at its abort, and the next one gets its turn', async () => {
    const pool = open();
    const until = join(dir, 'go-on');
    const controller = new AbortController();
    const first = await startAnnounced(pool, 'wait', { params: { until } });
    const second = await start(pool, 'honest', { signal: controller.signal });
    const third = await start(pool, 'honest');
    controller.abort();
    await expect(second.result).rejects.toMatchObject({ code: 'engine_aborted' });
    await writeFile(until, '');
    await expect(first.result).resolves.toBeDefined();
    await expect(third.result).resolves.toBeDefined();
    expect(await readdir(second.workDir)).toEqual([]);
  });
});

describe('what a child gives', () => {
  test.each(['outside', 'symlink', 'hardlink'])('%s: a file of somebody else is refused', async (engine) => {
    const pool = open();
    const { result, workDir } = await start(pool, engine, { params: { path: join(dir, 'secret.txt') } });
    await expect(result).rejects.toMatchObject({ code: 'engine_bad_output', retryable: false });
    expect(await readFile(join(dir, 'secret.txt'), 'utf8')).toBe('not for publication');
    await rm(workDir, { recursive: true });
    await expect(run(pool, 'honest')).resolves.toBeDefined();
  });

  test('a link in the place of the work directory is seen', async () => {
    await expect(run(open(), 'swap', { params: { path: dir } })).rejects.toMatchObject({
      code: 'engine_bad_output',
    });
  });

  test.each(['directory', 'empty', 'twice'])('%s is refused', async (engine) => {
    await expect(run(open(), engine)).rejects.toMatchObject({ code: 'engine_bad_output' });
  });

  test.each([
    ['the parent of its directory', '..'],
    ['a device', '/dev/zero'],
    ['nothing', '/no/such/file'],
  ])('%s is refused', async (_, path) => {
    await expect(run(open(), 'outside', { params: { path } })).rejects.toMatchObject({
      code: 'engine_bad_output',
    });
  });

  test('a process that lied is not used again', async () => {
    const warn = vi.fn();
    const debug = vi.fn();
    const pool = open({ log: { debug, warn } });
    await expect(run(pool, 'empty')).rejects.toMatchObject({ code: 'engine_bad_output' });
    await run(pool, 'honest');
    expect(debug).toHaveBeenCalledTimes(2);
  });
});

describe('what a child gets', () => {
  test('no variable of the parent but those that it needs', async () => {
    vi.stubEnv('DATABASE_URL', 'postgres://secret');
    vi.stubEnv('STAGER_TOKEN', 'secret');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret');
    vi.stubEnv('NODE_OPTIONS', '--title=secret');
    try {
      const { info } = await run(open({ env: { STAGER_MODELS: '/models' } }), 'environment');
      const known = [
        'TZ',
        'MALLOC_ARENA_MAX',
        'STAGER_MODELS',
        'TMPDIR',
        'TEMP',
        'TMP',
        'SystemRoot',
        'LD_LIBRARY_PATH',
        'NODE_V8_COVERAGE',
      ];
      const env = info['env'] ?? {};
      expect(Object.keys(env).filter((name) => !known.includes(name))).toEqual([]);
      expect(env).toMatchObject({ TZ: 'UTC', STAGER_MODELS: '/models' });
      expect(JSON.stringify(info)).not.toContain('secret');
      expect(info['cwd']).toBe(parse(dir).root);
      expect(info['argv']).toContain('--max-old-space-size=384');
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('the end', () => {
  test('close aborts what runs and what waits, and leaves no process', async () => {
    const pool = open();
    const running = await startAnnounced(pool, 'loop');
    const waiting = await start(pool, 'honest');
    waiting.result.catch(() => undefined);
    await pool.close();
    await expect(running.result).rejects.toMatchObject({ code: 'engine_aborted' });
    await expect(waiting.result).rejects.toMatchObject({ code: 'engine_aborted' });
    expect(await isGone(running.pid)).toBe(true);
    await expect(run(pool, 'honest')).rejects.toMatchObject({ code: 'engine_aborted' });
    await expect(pool.prewarm()).rejects.toMatchObject({ code: 'engine_aborted' });
  });

  test('close ends an idle process', async () => {
    const pool = open();
    const pid = Number((await run(pool, 'honest')).info['pid']);
    await pool.close();
    expect(await isGone(pid)).toBe(true);
  });

  test('close while a process starts', async () => {
    const pool = open();
    const { result } = await start(pool, 'honest');
    result.catch(() => undefined);
    await pool.close();
    await expect(result).rejects.toMatchObject({ code: 'engine_aborted' });
  });

  test.each(['hang', 'loop'])(
    'a parent that is killed leaves no process behind, not even in %s',
    async (engine) => {
      const workDir = join(dir, `orphan-${engine}`);
      await mkdir(workDir);
      const parent = spawn(process.execPath, ['--conditions=stager-dev', ORPHAN, engine, workDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(parent, 'exit');
      const [chunk] = await once(parent.stdout, 'data');
      const pid = Number(String(chunk));
      expect(await isGone(pid)).toBe(false);
      parent.kill('SIGKILL');
      await exited;
      await vi.waitFor(async () => expect(await isGone(pid)).toBe(true), { interval: 20 });
    },
  );
});
