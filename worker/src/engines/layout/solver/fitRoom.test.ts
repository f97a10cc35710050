import { describe, expect, test } from 'vitest';
import { scaleRoom } from '../scene/scaleRoom.ts';
import type { FloorPoint, Room } from '../scene/types.ts';
import { checkLayout } from './check.ts';
import { place, sizeOf } from './draft.ts';
import { fitRoom, type Move, moved } from './fitRoom.ts';
import type { Layout } from './layout.ts';
import { moveLayout } from './moveLayout.ts';
import { type BoxRoom, seenBoxRoom } from './rooms.fixture.ts';

const DEGREE = Math.PI / 180;

const BOX: Omit<BoxRoom, 'camera' | 'pose'> = {
  width: 5,
  length: 6,
  height: 2.6,
  focal: 560,
  picture: [1200, 800],
  openings: [
    { side: 'north', kind: 'window', at: 1, width: 1.4, bottom: 0.9, height: 1.3 },
    { side: 'east', kind: 'door', at: 4.2, width: 0.9, bottom: 0, height: 2.05 },
  ],
};

/** Photographed from a place, metres from the left and near wall. */
const from = (x: number, z: number, yaw = 0, box = BOX): Room =>
  seenBoxRoom({ ...box, camera: [x, z, 1.45], pose: { pitch: -8 * DEGREE, roll: 0, yaw: yaw * DEGREE } });

/** The same room as it is read when its axes are taken the other way round. */
function turnedRoom(room: Room): Room {
  const turn = ([x, z]: FloorPoint): FloorPoint => [-z, x];
  return {
    ...room,
    yaw: room.yaw - Math.PI / 2,
    floor: room.floor.map(turn),
    walls: room.walls.map((wall) => ({ ...wall, from: turn(wall.from), to: turn(wall.to) })),
    keepOuts: room.keepOuts.map((keepOut) => ({ ...keepOut, outline: keepOut.outline.map(turn) })),
  };
}

/** Its metres are judged anew in each photo. */
const larger = (room: Room): Room => scaleRoom(room, 1.04);
const smaller = (room: Room): Room => scaleRoom(room, 0.88);

function expectMove(fit: ReturnType<typeof fitRoom>, wanted: Move, tolerance = 1e-6): void {
  if (fit.kind !== 'fit') throw new Error(fit.why);
  expect(fit.move.quarters).toBe(wanted.quarters);
  for (const axis of [0, 1] as const)
    expect(Math.abs(fit.move.shift[axis] - wanted.shift[axis])).toBeLessThanOrEqual(tolerance);
}

describe('a room in another photo of it', () => {
  test('is found where it lies, from another place and in another direction', () => {
    expectMove(fitRoom(from(2.5, 0.4), from(1.6, 0.9, 10)), { quarters: 0, shift: [0.9, -0.5] });
  });

  test('is found with its axes taken another way round, and back', () => {
    const [one, other] = [from(2.5, 0.4), turnedRoom(from(1.6, 0.9, 10))];
    const there = fitRoom(one, other);
    expectMove(there, { quarters: 1, shift: [0.5, 0.9] });
    const back = fitRoom(other, one);
    if (there.kind !== 'fit' || back.kind !== 'fit') throw new Error('does not fit');
    for (const point of [
      [1, 2],
      [-0.4, 3.3],
    ] as const) {
      const [x, z] = moved(back.move, moved(there.move, point));
      expect(x).toBeCloseTo(point[0], 6);
      expect(z).toBeCloseTo(point[1], 6);
    }
  });

  test('is found when both were read some centimetres off', () => {
    expectMove(
      fitRoom(from(2.5, 0.4), scaleRoom(from(1.6, 0.9, 10), 1.02)),
      { quarters: 0, shift: [0.9, -0.5] },
      0.12,
    );
  });

  test.each<[string, Room, Room]>([
    ['of another size', from(2.5, 0.4), from(2, 0.4, 0, { ...BOX, width: 3.2, openings: [] })],
    [
      'with its window elsewhere',
      from(2.5, 0.4),
      from(2.5, 0.4, 0, {
        ...BOX,
        width: 7,
        openings: [{ side: 'north', kind: 'window', at: 5, width: 1.4, bottom: 0.9, height: 1.3 }],
      }),
    ],
    ['of which nothing was recognised', { ...from(2.5, 0.4), openings: [], walls: [] }, from(1.6, 0.9)],
  ])('another room, %s, is none', (_name, one, other) => {
    expect(fitRoom(one, other).kind).toBe('none');
  });
});

const FAR = 5.6;
const LAYOUT: Layout = {
  roomType: 'living_room',
  style: 'modern',
  seed: 0,
  variation: 0,
  room: from(2.5, 0.4),
  pieces: [
    place('sofa', [0.2, FAR - 0.46], 0, sizeOf('sofa')),
    place('side_table', [1.6, FAR - 0.4], 0, sizeOf('side_table')),
    place('table_lamp', [1.6, FAR - 0.4], 0, sizeOf('table_lamp'), { lift: sizeOf('side_table')[2] }),
    place('framed_art', [1.6, FAR - 0.02], 0, [0.6, 0.03, 0.6], { lift: 1.4 }),
  ],
};

describe('a layout in another photo of its room', () => {
  test.each([
    ['as it is', (room: Room) => room],
    ['read larger', larger],
    ['read smaller', smaller],
    ['with its axes another way round', turnedRoom],
  ])('stands where it stood, and at its walls: %s', (_name, change) => {
    const result = moveLayout(LAYOUT, change(from(1.8, 0.3, 8)));
    if (result.kind !== 'moved') throw new Error(result.why);
    expect(result.leftOut).toEqual([]);
    expect(result.layout.pieces.map(({ kind }) => kind)).toEqual(LAYOUT.pieces.map(({ kind }) => kind));
    expect(checkLayout(result.layout).filter(({ severity }) => severity === 'error')).toEqual([]);
    // The same things are as far from each other as they were.
    const gap = ({ pieces }: Layout) => {
      const [a, b] = pieces;
      return Math.hypot((a?.at[0] ?? 0) - (b?.at[0] ?? 9), (a?.at[1] ?? 0) - (b?.at[1] ?? 9));
    };
    expect(Math.abs(gap(result.layout) - gap(LAYOUT))).toBeLessThan(0.1);
  });

  test('what the photo does not show is left out, and said', () => {
    const near = place('plant', [-1.2, 2.4], 0, sizeOf('plant'));
    const result = moveLayout({ ...LAYOUT, pieces: [...LAYOUT.pieces, near] }, from(2.5, 3));
    if (result.kind !== 'moved') throw new Error(result.why);
    expect(result.leftOut).toContain('plant');
    expect(result.layout.pieces.map(({ kind }) => kind)).toContain('sofa');
  });

  test('where nothing of it is shown, or in another room, there is none', () => {
    const near = place('plant', [-1.2, 2.4], 0, sizeOf('plant'));
    expect(moveLayout({ ...LAYOUT, pieces: [near] }, from(2.5, 3)).kind).toBe('none');
    const other = from(2, 0.4, 0, { ...BOX, width: 3.2, openings: [] });
    expect(moveLayout(LAYOUT, other).kind).toBe('none');
  });
});
