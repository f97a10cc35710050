import type { Pixels } from '../../finish/pixels.ts';
import type { Rectangle } from '../render/check.ts';
import { CAPITAL, DESCENT, type Stroke, writeText } from './glyphs.ts';

/** What every staged picture says of itself. */
export const LABEL_TEXT = 'Virtually staged';

/** Height of a capital letter: a share of the long side, and pixels at least. */
const LETTER_SHARE = 0.022;
const LETTER_LEAST = 12;
/** In units of the letters. */
const STROKE = 0.95;
const PAD_SIDE = 4.5;
const PAD_ABOVE = 3.2;
const PAD_BELOW = 3.4;
/** From the border of the picture, as a share of the long side. */
const MARGIN = 0.016;
/** How much of the photo the plate covers. */
const PLATE = 0.72;
const PLATE_LEVEL = 18;
const INK = 245;
/** Levels that the second, third and fourth corner must have fewer to be chosen: people look for a label below. */
const HABIT = 2;
/** Levels that a pixel of furniture counts for. */
const FURNITURE = 1000;

interface Plate {
  readonly width: number;
  readonly height: number;
  readonly unit: number;
  readonly strokes: readonly Stroke[];
}

function plateFor(width: number, height: number): Plate {
  const unit = Math.max(LETTER_LEAST, LETTER_SHARE * Math.max(width, height)) / CAPITAL;
  const text = writeText(LABEL_TEXT);
  return {
    unit,
    strokes: text.strokes,
    width: Math.ceil(unit * (text.width + 2 * PAD_SIDE)),
    height: Math.ceil(unit * (PAD_ABOVE + CAPITAL + DESCENT + PAD_BELOW - 1.2)),
  };
}

/**
 * Writes the label into the corner where it hides least. @returns where; nothing else changes
 * @param furniture above 0 where furniture is, one number a pixel
 */
export function labelOnImage(pixels: Pixels, furniture: Uint8Array): Rectangle {
  const { width, height } = pixels;
  const plate = plateFor(width, height);
  const margin = Math.round(MARGIN * Math.max(width, height));
  const size = { width: Math.min(plate.width, width), height: Math.min(plate.height, height) };
  const left = Math.min(margin, Math.max(0, width - plate.width));
  const top = Math.min(margin, Math.max(0, height - plate.height));
  const right = width - left - size.width;
  const bottom = height - top - size.height;
  const corners = [
    { left, top: bottom, ...size },
    { left: right, top: bottom, ...size },
    { left, top, ...size },
    { left: right, top, ...size },
  ];
  const hidden = corners.map((place, n) => hiddenBy(place, pixels, furniture) + n * HABIT);
  const place = corners[hidden.indexOf(Math.min(...hidden))] ?? { left, top: bottom, ...size };
  draw(pixels, plate, place, PLATE);
  return place;
}

/** How much there is to see in a place: the share that is furniture, before all else, and the mean step between neighbours. */
function hiddenBy(place: Rectangle, { data, width, height }: Pixels, furniture: Uint8Array): number {
  const right = Math.min(width - 1, place.left + place.width);
  const bottom = Math.min(height - 1, place.top + place.height);
  let covered = 0;
  let steps = 0;
  for (let y = place.top; y < bottom; y += 1)
    for (let x = place.left; x < right; x += 1) {
      const n = y * width + x;
      if (furniture[n] !== 0) covered += 1;
      const green = data[3 * n + 1] as number;
      steps += Math.abs(green - (data[3 * n + 4] as number));
      steps += Math.abs(green - (data[3 * (n + width) + 1] as number));
    }
  const area = Math.max(1, (right - place.left) * (bottom - place.top));
  return (FURNITURE * covered + steps) / area;
}

/** The picture with a band below that bears the label. */
export function labelBelow({ data, width, height }: Pixels): Pixels {
  const plate = plateFor(width, height);
  const band = { data: new Uint8Array(3 * width * plate.height), width, height: plate.height };
  draw(band, plate, { left: 0, top: 0, width, height: plate.height }, 1);
  const joined = new Uint8Array(data.length + band.data.length);
  joined.set(data);
  joined.set(band.data, data.length);
  return { data: joined, width, height: height + plate.height };
}

function draw({ data, width }: Pixels, plate: Plate, place: Rectangle, opacity: number): void {
  const { unit, strokes } = plate;
  for (let y = 0; y < place.height; y += 1)
    for (let x = 0; x < place.width; x += 1) {
      const u = (x + 0.5) / unit - PAD_SIDE;
      const v = PAD_ABOVE + CAPITAL - (y + 0.5) / unit;
      const ink = Math.min(1, Math.max(0, 0.5 + unit * (STROKE / 2 - distanceTo(strokes, u, v))));
      const at = 3 * ((place.top + y) * width + place.left + x);
      for (let c = at; c < at + 3; c += 1) {
        const plated = (1 - opacity) * (data[c] as number) + opacity * PLATE_LEVEL;
        data[c] = Math.round((1 - ink) * plated + ink * INK);
      }
    }
}

function distanceTo(strokes: readonly Stroke[], x: number, y: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (const stroke of strokes) {
    let from = stroke[0];
    for (const to of stroke) {
      if (from) {
        const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
        const along = ((x - from[0]) * dx + (y - from[1]) * dy) / (dx * dx + dy * dy || 1);
        const t = Math.min(1, Math.max(0, along));
        least = Math.min(least, Math.hypot(x - from[0] - t * dx, y - from[1] - t * dy));
      }
      from = to;
    }
  }
  return least;
}
