import { describe, expect, test } from 'vitest';
import { Backdrop } from './backdrop.ts';

const WIDTH = 120;
const HEIGHT = 90;

/** A wall with a soft gradient, and what `paint` puts on it. */
function wall(paint: (x: number, y: number) => number | undefined) {
  const rgb = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1)
      rgb.fill(paint(x, y) ?? 150 + x / 4, (y * WIDTH + x) * 3, (y * WIDTH + x) * 3 + 3);
  return { rgb, width: WIDTH, height: HEIGHT };
}

const PLACE = [
  [40, 30],
  [80, 32],
  [80, 62],
  [40, 60],
] as const;

describe('where a picture can hang', () => {
  test.each<[string, (x: number, y: number) => number | undefined, boolean]>([
    ['plain wall with light from one side', () => undefined, true],
    ['a switch', (x, y) => (x === 50 && y === 40 ? 255 : undefined), true],
    ['the frame of a door through the middle', (x) => (x > 60 && x < 64 ? 100 : undefined), false],
    ['the border of a window close beside', (x) => (x > 82 ? 240 : undefined), false],
    ['a window, well beside', (x) => (x > 92 ? 240 : undefined), true],
    ['blown-out glass', () => 255, false],
    ['tiles', (x, y) => (x % 10 === 0 || y % 10 === 0 ? 110 : undefined), false],
  ])('%s: %s', (_, paint, plain) => {
    expect(new Backdrop(wall(paint)).isPlain(PLACE)).toBe(plain);
  });

  test.each<[string, (x: number, y: number) => number | undefined, boolean]>([
    ['plain wall with light from one side', () => undefined, true],
    ['light that falls off steeply', (x, y) => 60 + x + y / 2, true],
    ['the foot of a slope, some levels darker', (x, y) => (y < 105 - x ? 150 : 164), false],
    ['a corner from which light runs both ways', (x) => 150 + Math.abs(x - 60), false],
  ])('one surface, %s: %s', (_, paint, one) => {
    expect(new Backdrop(wall(paint)).isOneSurface(PLACE)).toBe(one);
  });

  test('what lies beyond the photo is no wall', () => {
    const beyond = PLACE.map(([x, y]) => [x + 500, y] as const);
    expect(new Backdrop(wall(() => undefined)).isPlain(beyond)).toBe(false);
  });
});
