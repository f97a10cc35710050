import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FloorPoint, Room } from '../scene/types.ts';
import { areaOf, contains } from './outline.ts';
import { readRoom } from './read.ts';
import { overlapOf, readPhoto, truthOf } from './reading.fixture.ts';
import type { Pixel } from './upright.ts';

const root = resolve(import.meta.dirname, '../../../../..');
const examples = join(root, 'examples/photos');
const names = readdirSync(examples).filter((name) => name.endsWith('.jpg'));
const example = (name: string) => sharp(join(examples, name));

const Built = z.object({
  position_m: z.tuple([z.number(), z.number(), z.number()]),
  room_size_m: z.tuple([z.number(), z.number(), z.number()]),
});

function lengthOf({ from, to }: Room['walls'][number]): number {
  return Math.hypot(to[0] - from[0], to[1] - from[1]);
}

/** A place a hand's breadth behind the middle of a wall, where there is no floor. */
function behind({ from, to }: Room['walls'][number]): FloorPoint {
  const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
  const [ux, uz] = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
  return [(from[0] + to[0]) / 2 + uz * 0.1, (from[1] + to[1]) / 2 - ux * 0.1];
}

function center(outline: readonly FloorPoint[]): FloorPoint {
  const sum = outline.reduce(([x, z], point) => [x + point[0], z + point[1]] as const, [0, 0] as const);
  return [sum[0] / outline.length, sum[1] / outline.length];
}

describe('a room that was rendered', () => {
  test('is read: floor, scale, walls that stand around it', async () => {
    const refused: string[] = [];
    for (const name of names) {
      const { read, picture } = await readPhoto(example(name));
      if (read.kind !== 'room') {
        refused.push(name);
        continue;
      }
      const truth = join(examples, name.replace('.jpg', '.camera.json'));
      expect(overlapOf(truthOf(truth, picture), read.floor, picture), name).toBeGreaterThan(0.85);
      const { room } = read;
      const built = Built.parse(JSON.parse(readFileSync(truth, 'utf8')));
      expect(Math.abs(room.cameraHeight / built.position_m[2] - 1), name).toBeLessThan(0.1);
      expect(areaOf(room.floor), name).toBeGreaterThan(2);
      for (const wall of room.walls) {
        expect(lengthOf(wall), name).toBeGreaterThan(0);
        expect(contains(room.floor, ...behind(wall)), name).toBe(false);
        expect(Math.abs(wall.height / built.room_size_m[2] - 1), name).toBeLessThan(0.12);
      }
      for (const { wall, start, end, bottom, top } of room.openings) {
        expect(room.walls[wall], name).toBeDefined();
        expect(start).toBeLessThan(end);
        expect(bottom).toBeLessThan(top);
      }
      for (const { outline } of room.keepOuts) expect(areaOf(outline), name).toBeGreaterThan(0);
    }
    console.info(`accepted ${names.length - refused.length} of ${names.length} rendered rooms`);
    expect(refused).toEqual([]);
  });

  test('has its windows, its door, and free floor before the door', async () => {
    const { read: dining } = await readPhoto(example('03-dining-room.jpg'));
    if (dining.kind !== 'room') throw new Error(dining.why);
    const windows = dining.room.openings.filter(({ kind }) => kind === 'window');
    expect(windows).toHaveLength(2);
    // Panes of windows 1.2 wide, frames left out.
    for (const { start, end } of windows) {
      expect(end - start).toBeGreaterThan(0.85);
      expect(end - start).toBeLessThan(1.2);
    }
    expect(dining.room.keepOuts.filter(({ why }) => why === 'sun').length).toBeGreaterThan(1);

    const { read: study } = await readPhoto(example('08-small-study-dim.jpg'));
    if (study.kind !== 'room') throw new Error(study.why);
    const door = study.room.openings.find(({ kind }) => kind === 'door');
    if (!door) throw new Error('no door');
    // A leaf of 0.82 in a frame.
    expect(door.end - door.start).toBeGreaterThan(0.8);
    expect(door.end - door.start).toBeLessThan(1.05);
    const before = study.room.keepOuts.find(({ why }) => why === 'door');
    if (!before) throw new Error('nothing kept free');
    const wall = study.room.walls[door.wall];
    const [, z] = center(before.outline);
    expect(z).toBeLessThan(wall?.from[1] ?? 0);
  });

  test('has a post in it that nothing is put on', async () => {
    const { read } = await readPhoto(example('07-attic.jpg'));
    if (read.kind !== 'room') throw new Error(read.why);
    expect(read.room.keepOuts.some(({ why }) => why === 'object')).toBe(true);
  });

  test('is called a piece of a photo when it is one', async () => {
    const whole = await readPhoto(example('08-small-study-dim.jpg'));
    const piece = example('08-small-study-dim.jpg').extract({ left: 180, top: 0, width: 1020, height: 800 });
    const part = await readPhoto(sharp(await piece.png().toBuffer()));
    expect(whole.read).toMatchObject({ kind: 'room', croppedOrShifted: false });
    expect(part.read).toMatchObject({ kind: 'room', croppedOrShifted: true });
  });

  test('is read the same each time', async () => {
    const [first, second] = [
      await readPhoto(example('02-bedroom.jpg')),
      await readPhoto(example('02-bedroom.jpg')),
    ];
    expect(first.read).toEqual(second.read);
  });
});

describe('what the user says', () => {
  /** Too dark to be read without help. */
  const dim = () => example('02-bedroom.jpg').linear(0.06, 0);
  const corners: Pixel[] = [
    [22, 640],
    [960, 640],
    [960, 530],
    [720, 426],
    [159, 470],
  ];

  test('a marked floor is taken as it is, with walls along its inner sides', async () => {
    expect((await readPhoto(dim())).read.kind).toBe('geometry_uncertain');
    const { read } = await readPhoto(dim(), { floor: corners, horizon: 258 });
    if (read.kind !== 'room') throw new Error(read.why);
    expect(read.floor).toEqual(corners);
    expect(read.room.walls).toHaveLength(3);
    expect(read.room.floorConfidence).toBe(1);
    const { read: seen } = await readPhoto(example('02-bedroom.jpg'));
    if (seen.kind !== 'room') throw new Error(seen.why);
    expect(Math.abs(areaOf(read.room.floor) / areaOf(seen.room.floor) - 1)).toBeLessThan(0.35);
  });

  test('a part of a floor has no walls around it', async () => {
    const part: Pixel[] = [
      [300, 620],
      [700, 620],
      [650, 520],
      [350, 520],
    ];
    const { read } = await readPhoto(example('02-bedroom.jpg'), { floor: part });
    if (read.kind !== 'room') throw new Error(read.why);
    expect(read.room.walls).toEqual([]);
    expect(areaOf(read.room.floor)).toBeGreaterThan(1);
  });

  test('a ceiling over a marked floor gives the scale', async () => {
    const { read } = await readPhoto(example('02-bedroom.jpg'), { floor: corners });
    if (read.kind !== 'room') throw new Error(read.why);
    expect(Math.abs((read.room.walls[0]?.height ?? 0) - 2.5)).toBeLessThan(0.2);
    expect(Math.abs(read.room.cameraHeight - 1.35)).toBeLessThan(0.12);
  });

  test('a floor that can be none is refused: why, and what helps', async () => {
    const wrong: [why: RegExp, hint: RegExp, floor: Pixel[]][] = [
      [
        /horizon/,
        /--horizon/,
        [
          [100, 640],
          [900, 640],
          [500, 100],
        ],
      ],
      [
        /outside of the photo/,
        /^Mark the corners/,
        [
          [100, 640],
          [2000, 640],
          [500, 500],
        ],
      ],
      [
        /three corners/,
        /^Mark the corners/,
        [
          [100, 640],
          [900, 640],
        ],
      ],
      [
        /cross each other/,
        /^Mark the corners/,
        [
          [80, 632],
          [720, 448],
          [80, 448],
          [880, 632],
        ],
      ],
      [
        /on one line/,
        /^Mark the corners/,
        [
          [80, 632],
          [160, 592],
          [240, 552],
        ],
      ],
    ];
    const { picture, solved } = await readPhoto(example('02-bedroom.jpg'));
    for (const [why, hint, floor] of wrong)
      expect(readRoom(picture, solved, { floor })).toMatchObject({
        kind: 'geometry_uncertain',
        why: expect.stringMatching(why),
        hint: expect.stringMatching(hint),
      });
  });

  test('the horizon is taken as said', async () => {
    const { read } = await readPhoto(example('02-bedroom.jpg'), { horizon: 258, floor: corners });
    if (read.kind !== 'room') throw new Error(read.why);
    const { pitch, focal, cy } = read.room;
    expect(cy + focal * Math.tan(pitch)).toBeCloseTo(258, 0);
  });
});

const shared = resolve(root, '../shared/photos');
if (!existsSync(shared)) console.info('skipped: no folder shared/photos beside the repository');
test.skipIf(!existsSync(shared))('photographs are read right or refused', async () => {
  const outcomes = new Map<string, string>();
  for (const name of readdirSync(shared).filter((file) => file.endsWith('.jpg'))) {
    const { read } = await readPhoto(sharp(join(shared, name)));
    outcomes.set(name.slice(0, 2), read.kind);
  }
  console.info(`photographs: ${[...outcomes].map(([name, kind]) => `${name} ${kind}`).join(', ')}`);
  // Looked at, drawn over the photo: these are right.
  for (const name of ['01', '02', '03', '04', '05', '07']) expect(outcomes.get(name), name).toBe('room');
  for (const name of ['13', '14']) expect(outcomes.get(name), name).toBe('not_a_room');
  for (const name of ['08', '09', '10', '11']) expect(outcomes.get(name), name).not.toBe('room');
});
