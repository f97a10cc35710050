import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { ENGINES } from '@stager/server/core/engines/catalogue';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sharp } from '../sharp.ts';
import type { EngineInput } from '../types.ts';
import { layout } from './engine.ts';
import { CATALOGUE } from './furniture/catalogue.ts';

const INPUT: EngineInput = {
  originalPath: resolve(import.meta.dirname, '../../../../examples/photos/02-bedroom.jpg'),
  contentType: 'image/jpeg',
  width: 1200,
  height: 800,
  roomType: 'bedroom',
  style: 'modern',
  seed: 5,
  variation: 1,
  params: { quality: 'preview', longEdge: 640 },
};

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stager-given-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function make(input: EngineInput) {
  const workDir = await mkdtemp(join(folder, 'run-'));
  const { outputs } = await layout.run(input, {
    workDir,
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  const bytes = async (name: string) => readFile(outputs.find((output) => output.name === name)?.path ?? '');
  return { bytes, json: async (name: string) => JSON.parse((await bytes(name)).toString('utf8')) };
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('a layout that is sent back', () => {
  test('renders the same bytes; changed, it renders the change and nothing else of the room', async () => {
    const first = await make(INPUT);
    const document = await first.json('layout');
    // As the API queues it: the words of the layout, and none of the first image's own choices.
    const again = { ...INPUT, variation: 0, layout: document };
    const second = await make(again);
    expect(sha256(await second.bytes('staged'))).toBe(sha256(await first.bytes('staged')));
    expect(await second.json('layout')).toEqual(document);
    expect(await second.json('report')).toMatchObject({ made: { layoutGiven: true, score: null } });

    const bed = document.pieces.find(({ kind }: { kind: string }) => kind === 'bed');
    const alone = await make({ ...again, layout: { ...document, pieces: [bed] } });
    expect((await alone.json('report')).made.pieces).toEqual(['bed']);
    expect(sha256(await alone.bytes('staged'))).not.toBe(sha256(await first.bytes('staged')));
    expect(sha256(await alone.bytes('finished'))).toBe(sha256(await first.bytes('finished')));

    const restyled = await make({ ...again, style: 'industrial' });
    expect(await restyled.json('layout')).toEqual({ ...document, style: 'industrial' });

    const wrong = [
      [
        { pieces: [bed, { ...bed, at: [bed.at[0] + 0.1, bed.at[1]] }] },
        /the bed \(pieces\[0\]\) are in one place/,
      ],
      [{ pieces: [{ ...bed, at: [40, 40] }] }, /The bed \(pieces\[0\]\) stands beyond the floor/],
      [{ pieces: [{ ...bed, kind: 'throne' }] }, /pieces\[0\]\.kind: there is no such piece/],
      [{ room: { ...document.room, camera: { ...document.room.camera, width: 12 } } }, /not of this photo/],
    ] as const;
    for (const [change, message] of wrong) {
      await expect(make({ ...again, layout: { ...document, ...change } })).rejects.toMatchObject({
        code: 'layout_invalid',
        retryable: false,
        message: expect.stringMatching(message),
        hint: expect.stringContaining('layout set'),
      });
    }
  });
});

describe('a layout of another photo', () => {
  const LIVING = resolve(import.meta.dirname, '../../../../examples/photos/01-living-room.jpg');

  test('of the same room stands where it stood, as the room is read there', async () => {
    const living = { ...INPUT, originalPath: LIVING, roomType: 'living_room' };
    const document = await (await make(living)).json('layout');
    // Another file of the same view: cut a little, so that nothing is where it was in it.
    const originalPath = join(folder, 'other.jpg');
    await sharp(LIVING).extract({ left: 20, top: 10, width: 1170, height: 780 }).toFile(originalPath);
    const other = await make({ ...living, originalPath, width: 1170, height: 780, layout: document });
    const carried = await other.json('layout');
    expect(carried.photoSha256).not.toBe(document.photoSha256);
    expect(carried.room).not.toEqual(document.room);
    const kinds = ({ pieces }: { pieces: { kind: string }[] }) => pieces.map(({ kind }) => kind);
    expect(kinds(carried)).toContain('sofa');
    const { warnings } = (await other.json('report')).made;
    const leftOut = warnings.filter((warning: string) => warning.includes('left out'));
    expect(kinds(carried).length + leftOut.length).toBe(kinds(document).length);
    const [was, is] = [document, carried].map(({ pieces }) =>
      pieces.find(({ kind }: { kind: string }) => kind === 'sofa'),
    );
    expect(Math.hypot(was.at[0] - is.at[0], was.at[1] - is.at[1])).toBeLessThan(0.4);
  });

  test('of another room is refused, and says what helps', async () => {
    const document = await (await make(INPUT)).json('layout');
    await expect(make({ ...INPUT, originalPath: LIVING, layout: document })).rejects.toMatchObject({
      code: 'layout_does_not_fit',
      hint: expect.stringContaining('doors and windows'),
    });
  });
});

test('the catalog names the pieces that there are', () => {
  const descriptor = ENGINES.find(({ name }) => name === 'layout');
  expect(descriptor?.pieces).toEqual(CATALOGUE.map(({ kind }) => kind));
});
