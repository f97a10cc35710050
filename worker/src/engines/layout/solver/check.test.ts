import { describe, expect, test } from 'vitest';
import type { Placed, Room } from '../scene/types.ts';
import { checkLayout } from './check.ts';
import { place, sizeOf } from './draft.ts';
import { Paths } from './paths.ts';
import { seenBoxRoom } from './rooms.fixture.ts';

const DEGREE = Math.PI / 180;

/** 5 m wide, 6 m long; a window with a sill in the far wall, a door in the right one, one to the floor in the left one. */
const ROOM: Room = {
  ...seenBoxRoom({
    width: 5,
    length: 6,
    height: 2.6,
    camera: [2.5, 0.3, 1.5],
    pose: { pitch: -6 * DEGREE, roll: 0, yaw: 0 },
    focal: 700,
    picture: [1200, 800],
    openings: [
      { side: 'north', kind: 'window', at: 1, width: 1.4, bottom: 0.9, height: 1.3 },
      { side: 'east', kind: 'door', at: 4.2, width: 0.9, bottom: 0, height: 2.05 },
      { side: 'west', kind: 'window', at: 4, width: 1.2, bottom: 0, height: 2.1 },
    ],
  }),
  keepOuts: [
    {
      why: 'sun',
      outline: [
        [0.6, 3],
        [1.2, 3],
        [1.2, 3.4],
        [0.6, 3.4],
      ],
      confidence: 1,
    },
    {
      why: 'object',
      outline: [
        [-1.4, 3],
        [-1, 3],
        [-1, 3.4],
        [-1.4, 3.4],
      ],
      confidence: 1,
    },
  ],
};

const FAR = 5.7;
const sofa = (x: number, z: number, degrees = 0) => place('sofa', [x, z], degrees * DEGREE, sizeOf('sofa'));
const plant = (x: number, z: number) => place('plant', [x, z], 0, sizeOf('plant'));

function rulesOf(pieces: readonly Placed[], room = ROOM): string[] {
  return checkLayout({ roomType: 'living_room', style: 'modern', seed: 0, variation: 0, room, pieces }).map(
    ({ severity, rule, piece }) => `${severity} ${rule} ${piece ?? '-'}`,
  );
}

describe('a layout that people edit', () => {
  test('a floor as wide as a field is looked through like any other', () => {
    const floor = [
      [-100, -100],
      [100, -100],
      [100, 100],
      [-100, 100],
    ] as const;
    expect(new Paths({ ...ROOM, floor }).cells).toBeLessThan(200_000);
    expect(new Paths(ROOM).cells).toBeGreaterThan(2500);
  });

  test('one that is right has no problem', () => {
    expect(
      rulesOf([
        sofa(-0.4, 4.6),
        place('rug', [-0.2, 3.6], 0, [1.5, 1.1, 0.015]),
        place('coffee_table', [-0.4, 3.49], 0, [1.1, 0.5, 0.4]),
        plant(-2, 5.25),
        place('framed_art', [1.5, FAR - 0.02], 0, [0.8, 0.03, 0.8], { lift: 1.1 }),
        place('side_table', [0.94, 4.7], 0, sizeOf('side_table')),
        place('table_lamp', [0.94, 4.7], 0, sizeOf('table_lamp'), { lift: 0.54 }),
      ]),
    ).toEqual([]);
  });

  test.each<[string, readonly Placed[], string]>([
    ['through the far wall', [sofa(0, 5.4)], 'error outside 0'],
    ['two in one place', [sofa(0, 4.5), plant(0.5, 4.5)], 'error overlap 1'],
    ['above the floor', [{ ...plant(0, 4.5), lift: 0.2 }], 'error floating 0'],
    [
      'a picture away from the wall',
      [place('framed_art', [1.5, 5], 0, [0.8, 0.03, 0.8], { lift: 1.1 })],
      'error floating 0',
    ],
    [
      'a picture with its back to the room',
      [place('framed_art', [1.5, FAR - 0.02], Math.PI, [0.8, 0.03, 0.8], { lift: 1.1 })],
      'error floating 0',
    ],
    [
      'a picture over a window',
      [place('framed_art', [0, FAR - 0.02], 0, [0.8, 0.03, 0.8], { lift: 1.1 })],
      'error floating 0',
    ],
    [
      'a picture through the ceiling',
      [place('framed_art', [1.5, FAR - 0.02], 0, [0.8, 0.03, 0.8], { lift: 1.9 })],
      'error floating 0',
    ],
    [
      'two pictures in one place',
      [0, 0.3].map((x) => place('framed_art', [1.5 + x, FAR - 0.02], 0, [0.6, 0.03, 0.8], { lift: 1.1 })),
      'error overlap 1',
    ],
    [
      'a lamp on nothing',
      [place('table_lamp', [0, 4], 0, sizeOf('table_lamp'), { lift: 0.54 })],
      'error floating 0',
    ],
    [
      'a lamp beside its table',
      [
        place('side_table', [0, 4.7], 0, sizeOf('side_table')),
        place('table_lamp', [0.5, 4.7], 0, sizeOf('table_lamp'), { lift: 0.54 }),
      ],
      'error floating 1',
    ],
    [
      'a lamp on a rug',
      [
        place('rug', [0, 4], 0, sizeOf('rug')),
        place('table_lamp', [0, 4], 0, sizeOf('table_lamp'), { lift: 0.015 }),
      ],
      'error floating 1',
    ],
    ['behind the camera', [plant(0, -0.2)], 'error behind_camera 0'],
    ['on what stands there', [plant(-1.2, 3.2)], 'error on_object 0'],
    ['in the way of a door', [plant(1.9, 4.4)], 'warning blocks_door 0'],
    ['a rug under a door', [place('rug', [1.4, 4.2], 0, [1.6, 1, 0.015])], 'warning blocks_door 0'],
    [
      'higher than the sill',
      [place('bookcase', [-0.5, FAR - 0.2], 0, sizeOf('bookcase'))],
      'warning blocks_window 0',
    ],
    ['before a window that one walks through', [plant(-2.1, 4.5)], 'warning blocks_window 0'],
    ['in the sun', [plant(0.9, 3.2)], 'warning in_the_sun 0'],
    [
      'no floor before the shelf',
      [place('bookcase', [1.6, FAR - 0.2], 0, sizeOf('bookcase')), plant(1.6, 4.9)],
      'warning tight 1',
    ],
    ['a sofa with its face to the wall', [sofa(0, 5.15, 180)], 'warning tight 0'],
    ['in the face of the camera', [place('bookcase', [0, 1.2], 0, sizeOf('bookcase'))], 'warning too_near 0'],
    [
      'before a door, seen from the camera',
      [place('bookcase', [1.5, 3.05], -Math.PI / 2, sizeOf('bookcase'))],
      'warning hides_door 0',
    ],
    ['wider than sofas are', [{ ...sofa(0, 4.5), size: [2.9, 0.9, 0.8] }], 'error size 0'],
  ])('%s', (_, pieces, expected) => {
    expect(rulesOf(pieces)).toContain(expected);
  });

  test('a rug that lies before a window to the floor, and a chair pushed under its table, are fine', () => {
    expect(rulesOf([place('rug', [-1.5, 4.4], 0, [1.6, 1.2, 0.015])])).toEqual([]);
    const table = place('dining_table', [0, 4.2], 0, [1.4, 0.9, 0.75]);
    const chair = place('chair', [0, 3.6], Math.PI, [0.47, 0.53, 0.82]);
    expect(rulesOf([table, chair])).toEqual([]);
    expect(rulesOf([table, { ...chair, at: [0, 3.85] }])).toContain('error overlap 1');
  });

  test('a way to the door is kept open', () => {
    const barrier = [-1.8, -0.6, 0.6, 1.8].map((x) => place('coffee_table', [x, 3], 0, [1.2, 0.6, 0.4]));
    expect(rulesOf(barrier)).toContain('warning closes_path -');
    expect(rulesOf(barrier.slice(0, 3))).not.toContain('warning closes_path -');
  });

  test('messages name the piece, its place in the file and the remedy', () => {
    const [problem] = checkLayout({
      roomType: 'living_room',
      style: 'modern',
      seed: 0,
      variation: 0,
      room: ROOM,
      pieces: [plant(-2, 5.2), sofa(0, 4.5), place('coffee_table', [0, 4.4], 0, sizeOf('coffee_table'))],
    });
    expect(problem?.message).toBe(
      'The coffee table (pieces[2]) and the sofa (pieces[1]) are in one place: move one of them.',
    );
  });

  test('a floor that is turned inside out is said to cover nothing', () => {
    expect(rulesOf([sofa(0, 4.5)], { ...ROOM, floor: ROOM.floor.toReversed() })).toEqual(['error floor -']);
  });
});
