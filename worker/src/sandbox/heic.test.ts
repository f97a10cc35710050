import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixture, phonePhoto } from '../../../tests/formats/heic.ts';
import { EngineError } from '../engines/types.ts';
import { createSandboxPool, type SandboxPool } from './pool.ts';

/** Less than the 24 megapixels of the large fixture need, enough for a small photo. */
const TIGHT_MB = 230;

let dir = '';
let pool: SandboxPool;
let tight: SandboxPool;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stager-sandbox-heic-'));
  pool = createSandboxPool({ size: 1, memoryMb: 1024 });
  tight = createSandboxPool({ size: 1, memoryMb: TIGHT_MB });
});
afterAll(async () => {
  await Promise.all([pool.close(), tight.close()]);
  await rm(dir, { recursive: true, force: true });
});

let jobs = 0;
async function run(on: SandboxPool, bytes: Buffer, timeoutMs = 60_000) {
  const workDir = join(dir, `${jobs++}`);
  await mkdir(workDir);
  const originalPath = `${workDir}.heic`;
  await writeFile(originalPath, bytes);
  const none = { roomType: null, style: null, seed: 0, variation: 0, params: {} };
  const input = { originalPath, contentType: 'image/heic', width: 1, height: 1, ...none };
  return on.run({ engine: 'finish', input, workDir, timeoutMs });
}

describe('a HEIC costs its own job and no other', () => {
  test('one that needs more memory than there is', async () => {
    await expect(run(tight, fixture('large'))).rejects.toMatchObject({
      code: 'engine_out_of_memory',
      message: `The photo needed more than ${TIGHT_MB} MiB of memory.`,
      hint: 'Export it smaller and upload it again, or give the worker more memory.',
      retryable: false,
    });
    await expect(run(tight, fixture('plain'))).resolves.toMatchObject({ info: { width: 192 } });
  });

  test('the same within the memory of a worker', async () => {
    await expect(run(pool, fixture('large'))).resolves.toMatchObject({ info: { width: 2048, height: 1362 } });
  });

  test('one that keeps its decoder busy for too long', async () => {
    await expect(run(pool, fixture('large'), 50)).rejects.toMatchObject({ code: 'engine_timeout' });
    await expect(run(pool, fixture('plain'))).resolves.toMatchObject({ info: { width: 192 } });
  });

  test.each([
    ['cut short', phonePhoto().subarray(0, phonePhoto().length >> 1)],
    ['without its picture', fixture('plain').subarray(0, 600)],
    [
      'of nothing but zeros behind its head',
      Buffer.alloc(3000).fill(fixture('plain').subarray(0, 40), 0, 40),
    ],
  ])('one that is %s', async (_name, bytes) => {
    await expect(run(pool, bytes)).rejects.toMatchObject({ code: 'image_corrupt', retryable: false });
  });

  test('whatever bytes are changed, it ends as a photo or as damaged, and the process goes on', async () => {
    const whole = phonePhoto();
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of changes) bytes[at] = value;
        const ended = await run(pool, bytes).catch((error: unknown) => error);
        if (ended instanceof EngineError) expect(ended.code).toMatch(/^image_(?:corrupt|too_large)$/);
        else expect(ended).toMatchObject({ info: {} });
      }),
      { numRuns: 60 },
    );
  });
});
