import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkLocalFile } from '@stager/sdk';
import { UPLOAD_TYPES } from '@stager/server/contract';
import { DEFAULT_INSPECT_LIMITS, inspectImage } from '@stager/server/core/uploads/inspect/index';
import readExif from 'exif-reader';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSandboxPool, type SandboxPool } from '../../worker/src/sandbox/pool.ts';
import { ACCEPTED } from './accepted.ts';
import { HEIGHT, SPOTS, WIDTH } from './chart.ts';
import { REFUSED } from './refused.ts';

/**
 * Every kind of picture that a customer may send, and what becomes of it: checked as the SDK does, inspected as the
 * API does, decoded in the worker's child process, and compared with colours that are known.
 */

const limits = { contentTypes: [...UPLOAD_TYPES], maxBytes: DEFAULT_INSPECT_LIMITS.maxBytes };
let dir = '';
let pool: SandboxPool;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stager-formats-'));
  pool = createSandboxPool({ size: 1, memoryMb: 1024 });
});
afterAll(async () => {
  await pool.close();
  await rm(dir, { recursive: true, force: true });
});

let jobs = 0;
/** Runs the engine that corrects photos; without loss, so that only the input's own loss is seen. */
async function finish(bytes: Buffer, contentType: string) {
  const workDir = join(dir, `${jobs++}`);
  await mkdir(workDir);
  const originalPath = `${workDir}.original`;
  await writeFile(originalPath, bytes);
  const none = { roomType: null, style: null, seed: 0, variation: 0 };
  const input = { originalPath, contentType, width: 1, height: 1, ...none, params: { format: 'png' } };
  const { outputs, info } = await pool.run({ engine: 'finish', input, workDir, timeoutMs: 60_000 });
  return { path: outputs[0]?.path ?? '', info };
}

/** As a viewer shows it: the profile of the file is applied. */
async function show(path: string) {
  const { data, info } = await sharp(path).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return {
    size: [info.width, info.height],
    at: (x: number, y: number) => {
      const pixel = Math.floor(y * info.height) * info.width + Math.floor(x * info.width);
      return [...data.subarray(info.channels * pixel, info.channels * pixel + 3)];
    },
  };
}

describe('a right result', () => {
  test.each(ACCEPTED)('$name', async (kind) => {
    const { contentType, tolerance = 4, spots = SPOTS, size = [WIDTH, HEIGHT], profile = 'sRGB' } = kind;
    const bytes = await kind.bytes;
    expect(checkLocalFile(bytes, bytes.length, limits)).toEqual({ ok: true, contentType });
    expect(inspectImage(bytes, contentType)).toMatchObject({ ok: true, contentType });
    const { path, info } = await finish(bytes, contentType);
    expect(info['colourProfile']).toBe(profile);
    const shown = await show(path);
    expect(shown.size).toEqual(size);
    for (const { x, y, rgb } of spots) {
      const off = shown.at(x, y).map((value, channel) => Math.abs(value - (rgb[channel] ?? -999)));
      expect(Math.max(...off), `${shown.at(x, y)} where ${rgb} should be`).toBeLessThanOrEqual(tolerance);
    }
    const { exif } = await sharp(path).metadata();
    const tags: ReturnType<typeof readExif> | undefined = exif && readExif(exif);
    expect(tags?.GPSInfo).toBeUndefined();
    if (kind.camera) expect(tags?.Image).toMatchObject({ Make: 'Apple', Model: 'iPhone 15 Pro' });
  });
});

describe('a clear refusal', () => {
  test.each(REFUSED)('$name', async ({ bytes: made, contentType, code, words, locally }) => {
    const bytes = await made;
    expect(checkLocalFile(bytes, bytes.length, limits).ok).toBe(!locally);
    const seen = inspectImage(bytes, contentType);
    expect(seen).toMatchObject({ ok: false, code });
    expect(seen.ok ? '' : seen.message).toMatch(words);
  });
});
