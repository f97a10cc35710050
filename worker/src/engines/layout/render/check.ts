import sharp from 'sharp';
import type { Mesh, Placed, Room } from '../scene/types.ts';
import { outlineOf } from './outline.ts';

/** Pixels of the picture. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** What a layout preview says of itself: files without loss, and what was placed where. */
export interface Claim {
  /** The finished photo. */
  readonly before: string;
  readonly after: string;
  /** Grey, of the same size: above 0 where furniture is, and where its shadow or its image in the floor is. */
  readonly furniture: string;
  readonly shadow: string;
  readonly label?: Rectangle;
  readonly room: Room;
  readonly pieces: readonly { readonly mesh: Mesh; readonly placed: Placed }[];
}

export interface Verdict {
  readonly ok: boolean;
  /** What is wrong, in words; empty when nothing is. */
  readonly faults: readonly string[];
  /** Pixels. */
  readonly compared: number;
  readonly furniture: number;
  readonly shadow: number;
}

const SHADOW_MOST = 0.25;
const LABEL_MOST = 0.1;
/** Of a small picture more may be label: it has to be legible there, too. Pixels. */
const LABEL_LEAST = 4000;
/** Pixels that furniture may reach beyond its projected meshes. */
const REACH = 8;
const LOSSLESS = new Set(['png', 'tiff']);

/**
 * Whether a picture is what it claims to be. Outside of furniture, shadow and label every pixel is that of the photo;
 * shadows are at most a quarter of the picture and the label a tenth; furniture is where the layout puts it.
 */
export async function checkGuarantee(claim: Claim): Promise<Verdict> {
  const before = await read(claim.before, 3);
  const after = await read(claim.after, 3);
  const furniture = await read(claim.furniture, 1);
  const shadow = await read(claim.shadow, 1);
  const { width, height } = before;
  const sizes = [after, furniture, shadow].filter((one) => one.width !== width || one.height !== height);
  if (sizes.length > 0) {
    const found = sizes.map((one) => `${one.name} has ${one.width} x ${one.height}`).join(', ');
    return verdict([`the photo has ${width} x ${height} pixels, but ${found}`], 0, 0, 0);
  }
  const faults: string[] = [];
  const count = { furniture: 0, shadow: 0 };
  const changed: number[] = [];
  let compared = 0;
  for (let n = 0; n < width * height; n += 1) {
    const isFurniture = furniture.data[n] !== 0;
    const isShadow = shadow.data[n] !== 0;
    if (isFurniture) count.furniture += 1;
    if (isShadow) count.shadow += 1;
    if (isFurniture || isShadow || isIn(claim.label, n % width, Math.floor(n / width))) continue;
    compared += 1;
    const p = 3 * n;
    for (let c = p; c < p + 3; c += 1)
      if (before.data[c] !== after.data[c]) {
        changed.push(n);
        break;
      }
  }
  if (changed.length > 0) {
    const [first = 0] = changed;
    faults.push(
      `${changed.length} pixels outside of furniture, shadow and label differ from the photo, first at ${first % width},${Math.floor(first / width)}`,
    );
  }
  const share = count.shadow / (width * height);
  if (share > SHADOW_MOST)
    faults.push(`shadows are ${(100 * share).toFixed(1)} % of the picture, more than ${100 * SHADOW_MOST} %`);
  const labelled = claim.label ? claim.label.width * claim.label.height : 0;
  if (labelled > Math.max(LABEL_LEAST, LABEL_MOST * width * height))
    faults.push(`the label takes ${labelled} pixels, more than ${100 * LABEL_MOST} % of the picture`);
  const astray = findAstray(
    furniture.data,
    outlineOf(claim.room, claim.pieces, width, height),
    width,
    height,
  );
  if (astray !== undefined)
    faults.push(
      `furniture at ${astray % width},${Math.floor(astray / width)} is not near to any piece of the layout`,
    );
  return verdict(faults, compared, count.furniture, count.shadow);
}

function verdict(faults: readonly string[], compared: number, furniture: number, shadow: number): Verdict {
  return { ok: faults.length === 0, faults, compared, furniture, shadow };
}

async function read(path: string, channels: 1 | 3) {
  const image = sharp(path, { limitInputPixels: false });
  const { format, depth, hasAlpha } = await image.metadata();
  if (!LOSSLESS.has(format))
    throw new Error(`${path} is ${format}, which may lose what is to be compared: store it as PNG`);
  // What is compared has three levels of 8 bits: a change in what a file has beyond them would not be seen.
  if (channels === 3 && (hasAlpha || depth !== 'uchar'))
    throw new Error(`${path} has more than red, green and blue of 8 bits: store it without the rest`);
  const raw = channels === 3 ? image.removeAlpha().toColourspace('srgb') : image.extractChannel(0);
  const { data, info } = await raw.raw().toBuffer({ resolveWithObject: true });
  return { name: path, data, width: info.width, height: info.height };
}

function isIn(label: Rectangle | undefined, x: number, y: number): boolean {
  if (!label) return false;
  return x >= label.left && y >= label.top && x < label.left + label.width && y < label.top + label.height;
}

/** The first pixel of furniture farther than `REACH` from all that was projected. */
function findAstray(
  mask: Uint8Array,
  outline: Uint8Array,
  width: number,
  height: number,
): number | undefined {
  for (let n = 0; n < mask.length; n += 1)
    if (
      mask[n] !== 0 &&
      outline[n] === 0 &&
      !isNear(outline, n % width, Math.floor(n / width), width, height)
    )
      return n;
  return undefined;
}

function isNear(outline: Uint8Array, x: number, y: number, width: number, height: number): boolean {
  for (let j = Math.max(0, y - REACH); j <= Math.min(height - 1, y + REACH); j += 1)
    for (let i = Math.max(0, x - REACH); i <= Math.min(width - 1, x + REACH); i += 1)
      if (outline[j * width + i] !== 0 && Math.hypot(i - x, j - y) <= REACH) return true;
  return false;
}
