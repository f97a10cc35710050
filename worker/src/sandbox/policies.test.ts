import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { childEnvironment } from './environment.ts';
import { besides, loaderArguments } from './location.ts';
import { residentBytes } from './memory.ts';
import { createLineReader, encodeLine, parseChildMessage } from './protocol.ts';
import { Queue } from './queue.ts';
import { explainExit, wornOut } from './slot.ts';

describe('childEnvironment', () => {
  test.each([
    ['nothing', {}, {}, {}],
    [
      'secrets',
      { DATABASE_URL: 'x', STAGER_TOKEN: 'x', PATH: '/bin', HOME: '/root', NODE_OPTIONS: '--inspect' },
      {},
      {},
    ],
    [
      'what is measured and where files go',
      { NODE_V8_COVERAGE: '/c', TMPDIR: '/t' },
      {},
      { NODE_V8_COVERAGE: '/c', TMPDIR: '/t' },
    ],
    ['what the owner adds', { MODELS: 'parent' }, { MODELS: '/m' }, { MODELS: '/m' }],
    ['an added time zone', { TZ: 'Asia/Tokyo' }, { TZ: 'Europe/Paris' }, { TZ: 'Europe/Paris' }],
    ['a time zone of the parent', { TZ: 'Asia/Tokyo' }, {}, { TZ: 'UTC' }],
  ])('%s', (_, parent, added, wanted) => {
    expect(childEnvironment(parent, added)).toEqual({ TZ: 'UTC', MALLOC_ARENA_MAX: '2', ...wanted });
  });
});

describe('wornOut', () => {
  const limits = { jobsPerChild: 200, memoryMb: 100 };
  const half = 50 * 1024 * 1024;
  test.each([
    [0, 0, false],
    [199, half, false],
    [200, 0, true],
    [1, half + 1, true],
  ])('%i jobs, %i bytes: %s', (jobs, bytes, wanted) => {
    expect(wornOut({ jobs, bytes }, limits)).toBe(wanted);
  });
});

describe('explainExit', () => {
  test.each([
    [{ code: 0, signal: null, stderr: '' }, 'engine_crashed', 'code 0'],
    [{ code: 7, signal: null, stderr: 'oops' }, 'engine_crashed', 'code 7'],
    [{ code: null, signal: 'SIGSEGV', stderr: '' }, 'engine_crashed', 'SIGSEGV'],
    [
      { code: null, signal: 'SIGABRT', stderr: 'FATAL ERROR: JavaScript heap out of memory' },
      'engine_out_of_memory',
      '64 MiB',
    ],
    [
      { code: null, signal: 'SIGABRT', stderr: "an instance of 'std::bad_alloc'" },
      'engine_out_of_memory',
      '64 MiB',
    ],
  ] as const)('%j', (exit, code, message) => {
    const error = explainExit(exit, 64);
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
    expect(error.retryable).toBe(code === 'engine_crashed');
  });
});

describe('lines', () => {
  test('come out whole however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 7 }),
        (words, size) => {
          const lines = words.map((word) => JSON.stringify(word));
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
          const read = createLineReader();
          const seen: string[] = [];
          for (let i = 0; i < bytes.length; i += size) seen.push(...read(bytes.subarray(i, i + size)));
          expect(seen).toEqual(lines);
        },
      ),
    );
  });

  test('a line without an end is refused', () => {
    const read = createLineReader();
    const chunk = Buffer.alloc(256 * 1024, 'x');
    expect(() => {
      for (let i = 0; i < 5; i++) read(chunk);
    }).toThrow('1048576');
  });
});

describe('messages of a child', () => {
  const output = { name: 'finished', path: '/w/a.jpg', contentType: 'image/jpeg', width: 4, height: 3 };
  const done = (change: object) => ({
    type: 'done',
    id: 1,
    result: { outputs: [{ ...output, ...change }], info: { a: [1] } },
  });
  const failed = (change: object) => ({
    type: 'failed',
    id: 1,
    error: { code: 'a_b', message: 'm', retryable: true, ...change },
  });

  test.each([
    [{ type: 'ready' }],
    [{ type: 'memory', bytes: 5 }],
    [{ type: 'progress', id: 1, fraction: 1, stage: 'decode' }],
    [done({})],
    [failed({ hint: 'h', detail: 'd' })],
  ])('taken: %j', (message) => {
    expect(parseChildMessage(JSON.stringify(message))).toEqual(message);
  });

  test('what is sent can be parsed', () => {
    const line = encodeLine({ type: 'progress', id: 3, fraction: 0.5, stage: 'a\nb' });
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(parseChildMessage(line)).toEqual({ type: 'progress', id: 3, fraction: 0.5, stage: 'a\nb' });
  });

  test.each([
    [{ type: 'gift' }],
    [{ type: 'ready', more: 1 }],
    [{ type: 'progress', id: 1, fraction: 1.1, stage: '' }],
    [{ type: 'progress', id: 1, fraction: 0.5, stage: 'x'.repeat(61) }],
    [done({ name: '../x' })],
    [done({ contentType: 'text/html' })],
    [done({ width: 0 })],
    [{ type: 'done', id: 1, result: { outputs: [], info: {} } }],
    [failed({ code: 'Not a code' })],
    [failed({ message: 'x'.repeat(2001) })],
    [null],
  ])('refused: %j', (message) => {
    expect(() => parseChildMessage(JSON.stringify(message))).toThrow();
  });
});

describe('Queue', () => {
  test('first come, first served, without those who left', async () => {
    const queue = new Queue<string>();
    const controller = new AbortController();
    const stay = new AbortController().signal;
    const first = queue.wait(stay);
    const second = queue.wait(controller.signal);
    const third = queue.wait(stay);
    controller.abort();
    await expect(second).rejects.toMatchObject({ code: 'engine_aborted' });
    expect([queue.handOver('a'), queue.handOver('b'), queue.handOver('c')]).toEqual([true, true, false]);
    expect(await Promise.all([first, third])).toEqual(['a', 'b']);
    await expect(queue.wait(controller.signal)).rejects.toMatchObject({ code: 'engine_aborted' });
  });
});

describe('where things are', () => {
  test.each([
    ['file:///a/pool.ts', 'file:///a/child.ts', ['--conditions=stager-dev']],
    ['file:///a/pool.js', 'file:///a/child.js', []],
  ])('beside %s', (here, wanted, options) => {
    const url = besides('child', here);
    expect(url.href).toBe(wanted);
    expect(loaderArguments(url)).toEqual(options);
  });

  test.runIf(process.platform === 'linux')(
    'the memory of a process that is there, and of one that is not',
    () => {
      expect(residentBytes(process.pid)).toBeGreaterThan(10 * 1024 * 1024);
      expect(residentBytes(2 ** 22 + 1)).toBeNull();
    },
  );
});
