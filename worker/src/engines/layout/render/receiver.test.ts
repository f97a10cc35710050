import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { exampleRoom } from './fixtures.ts';
import { Receiver } from './receiver.ts';
import type { Box } from './scene.ts';
import { CEILING, FLOOR, Shell, WALL } from './shell.ts';
import { View } from './view.ts';

const room = exampleRoom('01-living-room');
const box: Box = { low: [-2, 0, 4.6], high: [-0.5, 0.8, 5.6] };

function receiver(change: Partial<typeof room> = {}, boxes = [box], isFloor = () => false): Receiver {
  const changed = { ...room, openings: [], ...change };
  return new Receiver(changed, new View(changed, 1200, 800), new Shell(changed), boxes, isFloor);
}

describe('a shadow', () => {
  const whole = receiver();

  test('is taken whole beside a piece, not at all a metre from it, and never by the ceiling', () => {
    expect(whole.share(FLOOR, -1, 0, 4.55)).toBe(1);
    expect(whole.share(FLOOR, -1, 0, 3.5)).toBe(0);
    expect(whole.share(WALL + 2, -1, 0.9, 5.7)).toBe(1);
    expect(whole.share(CEILING, -1, 2.65, 5)).toBe(0);
  });

  test('of nothing is nowhere', () => {
    expect(receiver({}, []).share(FLOOR, -1, 0, 4.55)).toBe(0);
  });

  test('leaves off nowhere at once', () => {
    const opened = receiver({
      // A floor that is known on one side of the box only, and a wall that ends above it.
      floor: [
        [-4.3, -0.5],
        [-0.4, -0.5],
        [-0.4, 5.7],
        [-4.3, 5.7],
      ],
      walls: [{ from: [1.1, 5.7], to: [-1.5, 5.7], height: 1.1, confidence: 1 }],
      openings: [{ kind: 'window', wall: 0, start: 1, end: 1.6, bottom: 0.9, top: 2, confidence: 1 }],
    });
    const range = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(range(-4.2, 1), range(2, 5.69), range(-0.01, 0.01), range(-0.01, 0.01), (x, z, dx, dz) => {
        const step = opened.share(FLOOR, x, 0, z) - opened.share(FLOOR, x + dx, 0, Math.min(5.69, z + dz));
        expect(Math.abs(step)).toBeLessThan(0.15);
      }),
    );
    fc.assert(
      fc.property(range(-1.5, 1.1), range(0, 1.1), range(-0.01, 0.01), range(-0.01, 0.01), (x, y, dx, dy) => {
        const step = opened.share(WALL, x, y, 5.7) - opened.share(WALL, x + dx, Math.min(1.1, y + dy), 5.7);
        expect(Math.abs(step)).toBeLessThan(0.2);
      }),
    );
    expect(opened.share(WALL, -1.49, 0.5, 5.7)).toBeLessThan(0.02);
    expect(opened.share(WALL, -0.6, 1.09, 5.7)).toBe(0);
  });

  test('is not drawn on a post of the room that stands before the floor', () => {
    const outline = [
      [-1.2, 4.2],
      [-0.9, 4.2],
      [-0.9, 5.7],
      [-1.2, 5.7],
    ] as const;
    const beside = receiver({ keepOuts: [{ why: 'object', outline, confidence: 1 }] }, [
      { low: [-2, 0, 4.6], high: [-1.25, 0.8, 5.6] },
    ]);
    expect(beside.share(FLOOR, -1.05, 0, 4.9)).toBe(0);
    expect(beside.share(FLOOR, -1.05, 0, 5.69)).toBe(0);
    expect(beside.share(FLOOR, -1.22, 0, 4.9)).toBe(1);
    // Where nothing is seen but floor, it takes the shadow.
    const shown = receiver({ keepOuts: [{ why: 'object', outline, confidence: 1 }] }, undefined, () => true);
    expect(shown.share(FLOOR, -1.05, 0, 4.9)).toBe(1);
    for (let x = -1.3; x < -1; x += 0.005) {
      const step = beside.share(FLOOR, x + 0.005, 0, 4.9) - beside.share(FLOOR, x, 0, 4.9);
      expect(Math.abs(step)).toBeLessThan(0.2);
    }
  });

  test('falls on a door but not into a passage', () => {
    const at = (kind: 'door' | 'unknown') =>
      receiver({
        openings: [{ kind, wall: 2, start: 1.5, end: 3, bottom: 0, top: 2, confidence: 1 }],
      }).share(WALL + 2, -1, 0.9, 5.7);
    expect([at('door'), at('unknown')]).toEqual([1, 0]);
  });
});
