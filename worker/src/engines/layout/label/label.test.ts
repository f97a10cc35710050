import { expect, test } from 'vitest';
import { writeText } from './glyphs.ts';
import { LABEL_TEXT, labelBelow, labelOnImage } from './label.ts';

const grey = (width: number, height: number, level: number) => ({
  data: new Uint8Array(3 * width * height).fill(level),
  width,
  height,
});

test.each([
  [2048, 1365, 0],
  [2048, 1365, 255],
  [640, 427, 128],
  [427, 640, 255],
  [800, 160, 90],
])(
  'on a picture of %i x %i and level %i it is legible, and changes nothing beside its place',
  (width, height, level) => {
    const pixels = grey(width, height, level);
    const place = labelOnImage(pixels, new Uint8Array(width * height));
    expect(place.left + place.width).toBeLessThanOrEqual(width);
    expect(place.top + place.height).toBeLessThanOrEqual(height);
    // Not so wide that it covers the room.
    if (width >= height) expect(place.width / width).toBeLessThan(0.32);
    const inside: number[] = [];
    for (let n = 0; n < width * height; n += 1) {
      const [x, y] = [n % width, Math.floor(n / width)];
      const isIn =
        x >= place.left && x < place.left + place.width && y >= place.top && y < place.top + place.height;
      if (isIn) inside.push(pixels.data[3 * n] ?? 0);
      else if (pixels.data[3 * n] !== level) throw new Error(`changed at ${x},${y}`);
    }
    const sorted = inside.toSorted((a, b) => a - b);
    const plate = sorted[Math.floor(sorted.length / 2)] ?? 0;
    const ink = sorted.at(-1) ?? 0;
    const luminance = (value: number) => (((value / 255 + 0.055) / 1.055) ** 2.4 + 0.05) as number;
    // WCAG 2.2, success criterion 1.4.3.
    expect(luminance(ink) / luminance(plate)).toBeGreaterThan(4.5);
    const share = inside.filter((value) => value === ink).length / inside.length;
    expect(share).toBeGreaterThan(0.04);
    expect(share).toBeLessThan(0.4);
  },
);

test('it goes to a corner where no furniture stands and little is to be seen, below rather than above', () => {
  const [width, height] = [640, 427];
  const placed = (covered: (x: number, y: number) => boolean, busy: (x: number, y: number) => boolean) => {
    const pixels = grey(width, height, 128);
    const furniture = new Uint8Array(width * height);
    for (let n = 0; n < furniture.length; n += 1) {
      const [x, y] = [n % width, Math.floor(n / width)];
      if (covered(x, y)) furniture[n] = 255;
      if (busy(x, y)) pixels.data.fill((x + y) % 2 === 0 ? 60 : 200, 3 * n, 3 * n + 3);
    }
    const { left, top } = labelOnImage(pixels, furniture);
    return `${top > height / 2 ? 'lower' : 'upper'} ${left < width / 4 ? 'left' : 'right'}`;
  };
  const never = () => false;
  const low = (_: number, y: number) => y > height / 2;
  const lowLeft = (x: number, y: number) => x < width / 2 && y > height / 2;
  expect(placed(never, never)).toBe('lower left');
  expect(placed(lowLeft, never)).toBe('lower right');
  expect(placed(never, low)).toBe('upper left');
  // A few feet of a chair are worse to hide than a pattern.
  expect(placed((x, y) => lowLeft(x, y) && x % 40 === 0, low)).toBe('upper left');
  expect(
    placed(
      (x, y) => x < width / 2 && low(x, y),
      (x, y) => x > width / 2 || y < height / 2,
    ),
  ).toBe('lower right');
});

test('below the picture it leaves every pixel of it', () => {
  const pixels = grey(640, 427, 77);
  const { data, height } = labelBelow(pixels);
  expect(height).toBeGreaterThan(427 + 12);
  expect(data.subarray(0, pixels.data.length).every((level) => level === 77)).toBe(true);
  expect(Math.max(...data.subarray(pixels.data.length))).toBeGreaterThan(230);
});

test('every letter of it is drawn, and others are not made up', () => {
  const { width, strokes } = writeText(LABEL_TEXT);
  expect(width).toBeGreaterThan(50);
  expect(strokes.length).toBeGreaterThan(20);
  expect(() => writeText('Z')).toThrow('"Z" is not drawn');
});
