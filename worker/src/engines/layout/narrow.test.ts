import { expect, test } from 'vitest';
import { withWays } from './narrow.ts';
import { exampleRoom } from './render/fixtures.ts';
import type { FloorPoint, Room } from './scene/types.ts';
import { contains } from './solver/plane.ts';

const base: Room = { ...exampleRoom('01-living-room'), keepOuts: [] };
const withFloor = (floor: readonly FloorPoint[]): Room => ({ ...base, floor });

test('a doorway between two rooms is kept free, with a step before and behind it', () => {
  const floor = [
    [-2, 1.5],
    [2, 1.5],
    [2, 4],
    [0.5, 4],
    [0.5, 4.6],
    [2, 4.6],
    [2, 7],
    [-2, 7],
    [-2, 4.6],
    [-0.4, 4.6],
    [-0.4, 4],
    [-2, 4],
  ] as const;
  const { keepOuts } = withWays(withFloor(floor));
  expect(keepOuts.map(({ why }) => why)).toEqual(['door']);
  const outline = keepOuts[0]?.outline ?? [];
  expect(contains(outline, [0, 4.3])).toBe(true);
  expect(contains(outline, [0, 3.8])).toBe(true);
  expect(contains(outline, [0, 3.2])).toBe(false);
  expect(contains(outline, [-1.5, 3.5])).toBe(false);
});

test.each([
  [
    'a plain room',
    [
      [-2, 1.5],
      [2, 1.5],
      [2, 5],
      [-2, 5],
    ],
  ],
  // The floor nearer to the camera lies below the picture.
  [
    'a strip of floor at the lower border',
    [
      [-1, 2.8],
      [1, 2.8],
      [1, 3.5],
      [-1, 3.5],
    ],
  ],
] as const)('%s has no such way', (_, floor) => {
  // Held so that it sees no nearer floor than the second one's.
  const room = { ...withFloor(floor), pitch: 0, roll: 0, yaw: 0, focal: 1200, cx: 600, cy: 400 };
  expect(withWays(room)).toEqual(room);
});
