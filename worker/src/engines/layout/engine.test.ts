import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EngineInput } from '../types.ts';
import { layout } from './engine.ts';

const INPUT: EngineInput = {
  originalPath: resolve(import.meta.dirname, '../../../../examples/photos/02-bedroom.jpg'),
  contentType: 'image/jpeg',
  width: 1200,
  height: 800,
  roomType: 'bedroom',
  style: 'modern',
  seed: 1,
  variation: 0,
  params: { quality: 'preview', longEdge: 640 },
};

let workDir = '';
beforeEach(async () => {
  workDir = await mkdtemp(join(tmpdir(), 'stager-layout-'));
});
afterEach(() => rm(workDir, { recursive: true, force: true }));

test('tells how far it is, stage by stage', async () => {
  const seen: [number, string][] = [];
  const progress = (fraction: number, stage: string) => void seen.push([fraction, stage]);
  await layout.run(INPUT, { workDir, signal: new AbortController().signal, progress });
  const fractions = seen.map(([fraction]) => fraction);
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect([...new Set(seen.map(([, stage]) => stage))]).toEqual([
    'decode',
    'correct',
    'perspective',
    'layout',
    'render',
    'check',
    'encode',
    'done',
  ]);
});

test.each(['perspective', 'render', 'encode'])('stops at %s when it is told to', async (last) => {
  const control = new AbortController();
  const stages: string[] = [];
  const progress = (_: number, stage: string) => {
    stages.push(stage);
    if (stage === last) control.abort();
  };
  const running = layout.run(INPUT, { workDir, signal: control.signal, progress });
  await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  expect(stages.at(-1)).toBe(last);
});

test.each([
  [{ floor: '1,2;3,4' }, 'floor'],
  [{ floor: '1,2;3,4;5,x' }, 'floor'],
  [{ cameraHeight: 12 }, 'cameraHeight'],
  [{ label: 'none' }, 'label'],
])('params %j are refused by name', async (params, name) => {
  const running = layout.run(
    { ...INPUT, params },
    { workDir, signal: new AbortController().signal, progress: () => undefined },
  );
  await expect(running).rejects.toMatchObject({
    code: 'invalid_params',
    message: expect.stringContaining(name),
  });
});
