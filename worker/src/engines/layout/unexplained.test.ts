import { describe, expect, test } from 'vitest';
import type { Segment } from './geometry/segments.ts';
import { exampleRoom } from './render/fixtures.ts';
import { View } from './render/view.ts';
import type { Room } from './scene/types.ts';
import { withUnexplained } from './unexplained.ts';

/** As it was built, but nobody knows of its openings. */
const known = exampleRoom('02-bedroom');
const room: Room = { ...known, openings: [] };
// The far wall: from right to left.
const WALL = 2;

function edge(from: readonly [along: number, height: number], to: readonly [number, number]): Segment {
  const view = new View(room, room.width, room.height);
  const wall = room.walls[WALL];
  if (!wall) throw new Error('no wall');
  const length = Math.hypot(wall.to[0] - wall.from[0], wall.to[1] - wall.from[1]);
  const pixel = ([along, height]: readonly [number, number]) => {
    const t = along / length;
    const x = wall.from[0] + t * (wall.to[0] - wall.from[0]);
    const z = wall.from[1] + t * (wall.to[1] - wall.from[1]);
    if (!view.project(x, height, z)) throw new Error('behind the camera');
    return [view.u, view.v] as const;
  };
  const [[x1, y1], [x2, y2]] = [pixel(from), pixel(to)];
  return { x1, y1, x2, y2, length: Math.hypot(x2 - x1, y2 - y1) };
}

describe('edges on a wall that nothing explains', () => {
  test('two posts with a lintel are one thing, where it is', () => {
    const door = [edge([1, 0.05], [1, 2]), edge([1.8, 0.05], [1.8, 2]), edge([1, 2], [1.8, 2])];
    const { openings, keepOuts } = withUnexplained(room, door);
    expect(openings).toHaveLength(1);
    const [opening] = openings;
    expect(opening).toMatchObject({ kind: 'unknown', wall: WALL });
    expect(opening?.start).toBeCloseTo(1, 0);
    expect(opening?.end).toBeCloseTo(1.8, 0);
    expect(opening?.top).toBeGreaterThan(1.7);
    expect(keepOuts).toEqual(room.keepOuts);
  });

  test('what is low keeps the floor before it free', () => {
    const radiator = [edge([1, 0.7], [2, 0.7]), edge([1, 0.25], [1, 0.7])];
    const { openings, keepOuts } = withUnexplained(room, radiator);
    expect(openings).toEqual([]);
    expect(keepOuts).toHaveLength(room.keepOuts.length + 1);
    expect(keepOuts.at(-1)).toMatchObject({ why: 'object' });
  });

  test.each([
    ['a skirting board', [edge([0.5, 0.08], [2.5, 0.08])]],
    ['a socket', [edge([1, 0.3], [1, 0.38])]],
    ['the edge of a shadow', [edge([1, 0.6], [1.8, 1.5])]],
    ['the corner of the room', [edge([0.05, 0.3], [0.05, 2])]],
    ['the edge of the ceiling', [edge([0.5, 2.45], [2, 2.45])]],
  ])('%s is none', (_, segments) => {
    expect(withUnexplained(room, segments)).toEqual(room);
  });

  test('courses of blocks are a wall; a doorway among them is none', () => {
    const blocks = Array.from({ length: 20 }, (_, n) => {
      const [along, height] = [
        0.4 + 0.5 * (n % 4) + 0.25 * (Math.floor(n / 4) % 2),
        0.4 + 0.3 * Math.floor(n / 4),
      ];
      return edge([along, height], [along + 0.5, height]);
    });
    expect(withUnexplained(room, blocks)).toEqual(room);
    const door = [edge([1, 0.05], [1, 2]), edge([1.8, 0.05], [1.8, 2])];
    expect(withUnexplained(room, [...blocks, ...door]).openings).toHaveLength(1);
  });

  test('a slit of a doorway at an end of a wall that something hides is one, up to that end', () => {
    const slit = [edge([0.09, 0.05], [0.09, 2])];
    expect(withUnexplained(room, slit)).toEqual(room);
    const wall = room.walls[WALL];
    if (!wall) throw new Error('no wall');
    // Without its neighbour nothing says that the wall ends there.
    const walls = room.walls.map((other, n) => {
      const meets = Math.hypot(other.to[0] - wall.from[0], other.to[1] - wall.from[1]) < 0.1;
      return n !== WALL && meets ? { ...other, to: [other.to[0], other.to[1] - 0.5] as const } : other;
    });
    const { openings } = withUnexplained({ ...room, walls }, slit);
    expect(openings).toHaveLength(1);
    expect(openings[0]?.start).toBe(0);
    expect(openings[0]?.end).toBeCloseTo(0.09, 1);
  });

  test('the frame of a window that was found is none', () => {
    const window = {
      kind: 'window',
      wall: WALL,
      start: 1,
      end: 2,
      bottom: 0.9,
      top: 2,
      confidence: 1,
    } as const;
    const found = { ...room, openings: [window] };
    expect(withUnexplained(found, [edge([0.95, 0.88], [0.95, 2.05])])).toEqual(found);
  });
});
