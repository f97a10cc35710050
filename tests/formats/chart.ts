import sharp, { type Sharp } from 'sharp';

/**
 * A picture whose colours are known: neutral greys, well exposed, so that the engine finds nothing to correct, and a
 * patch of red, green, blue and light grey in the corners. Made of squares of 8 pixels.
 */

export const WIDTH = 192;
export const HEIGHT = 128;
export type Rgb = readonly [number, number, number];

const SQUARE = 8;
const COLUMNS = WIDTH / SQUARE;
const ROWS = HEIGHT / SQUARE;

/** sRGB of a square. */
function colourOf(column: number, row: number): Rgb {
  const left = column < 5;
  const right = column >= COLUMNS - 5;
  if (row < 4 && left) return [190, 70, 60];
  if (row < 4 && right) return [80, 150, 90];
  if (row >= ROWS - 4 && left) return [80, 90, 160];
  const grey = 114 + Math.round((140 * (column / COLUMNS + row / ROWS)) / 2);
  return [grey, grey, grey];
}

/** Where to look, in shares of width and height, and what is there. */
export const SPOTS: readonly { readonly x: number; readonly y: number; readonly rgb: Rgb }[] = [
  { x: 0.1, y: 0.1, rgb: [190, 70, 60] },
  { x: 0.9, y: 0.1, rgb: [80, 150, 90] },
  { x: 0.1, y: 0.9, rgb: [80, 90, 160] },
  { x: 0.52, y: 0.53, rgb: colourOf(12, 8) },
];

/** Samples of the chart, row by row. */
export function samples(channels: number, of: (rgb: Rgb, column: number) => readonly number[]): Buffer {
  const data = Buffer.alloc(WIDTH * HEIGHT * channels);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const column = Math.floor(x / SQUARE);
      data.set(of(colourOf(column, Math.floor(y / SQUARE)), column), channels * (y * WIDTH + x));
    }
  }
  return data;
}

/** The chart in sRGB, ready to be encoded. */
export function chart(): Sharp {
  return sharp(
    samples(3, (rgb) => rgb),
    { raw: { width: WIDTH, height: HEIGHT, channels: 3 } },
  );
}

/** YCbCr as JPEG has it (ITU-T T.871). */
export function yccOf([r, g, b]: Rgb): Rgb {
  return [
    Math.round(0.299 * r + 0.587 * g + 0.114 * b),
    Math.round(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    Math.round(128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}

/** The luma of the chart, one sample a pixel. */
export const GREY_SAMPLES = samples(1, (rgb) => [yccOf(rgb)[0]]);

export function greyChart(): Sharp {
  const raw = { width: WIDTH, height: HEIGHT, channels: 1 } as const;
  return sharp(GREY_SAMPLES, { raw }).toColourspace('b-w');
}

export const GREY_SPOTS = SPOTS.map((spot) => {
  const [grey] = yccOf(spot.rgb);
  return { ...spot, rgb: [grey, grey, grey] as const };
});

/** Transparent between the patches; what lies under it is black, and must not be seen. */
export function transparentChart(): Sharp {
  const data = samples(4, (rgb, column) => (column >= 8 && column < 16 ? [0, 0, 0, 0] : [...rgb, 255]));
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 4 } });
}

/** The spots of the transparent chart: paper where nothing is. */
export const TRANSPARENT_SPOTS = SPOTS.map((spot) =>
  spot.x === 0.52 ? { ...spot, rgb: [255, 255, 255] as const } : spot,
);
