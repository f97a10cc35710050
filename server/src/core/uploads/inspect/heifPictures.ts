import { readAv1FrameSize } from './av1.ts';
import type { Item, Meta } from './heifMeta.ts';
import type { CodedColour } from './heifProperties.ts';
import { readHevcFrames } from './hevc.ts';
import { damaged, Fields } from './isobmff.ts';
import { refuseLarge, refuseSize } from './size.ts';
import { type InspectLimits, Refusal } from './verdict.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** A compression that the container can hold, and the name of files that hold it. */
export interface Codec {
  readonly label: 'AVIF' | 'HEIC';
  readonly itemType: 'av01' | 'hvc1';
  /** Brands of files that are nothing but a sequence. */
  readonly sequenceBrands: readonly string[];
  /** The frames that a decoder allocates for, whatever the container says. */
  readonly readFrames: (buf: Buffer, item: Item) => readonly Size[];
}

/** A sequence header of AV1 needs a few dozen bytes. */
const HEADER_BYTES = 256;
/** Colour, alpha, a gain map and a depth map, each up to the largest picture. */
const PLANES = 4;

export const AVIF_CODEC: Codec = {
  label: 'AVIF',
  itemType: 'av01',
  sequenceBrands: ['avis'],
  readFrames: (buf, item) => [readAv1FrameSize(firstBytes(buf, item))],
};

export const HEIC_CODEC: Codec = {
  label: 'HEIC',
  itemType: 'hvc1',
  // Files of these brands that hold a still picture as well are told by their box of tracks.
  sequenceBrands: [],
  readFrames: readHevc,
};

function readHevc(buf: Buffer, item: Item): readonly Size[] {
  const { config } = item.properties;
  if (!config) throw damaged('a picture has no decoder configuration');
  return readHevcFrames(buf.subarray(config.from, config.to), allBytes(buf, item));
}

function firstBytes(buf: Buffer, { extents }: Item): Buffer {
  const [extent] = extents;
  if (!extent) throw damaged('a picture has no data');
  return buf.subarray(extent.from, Math.min(extent.to, extent.from + HEADER_BYTES));
}

/** All bytes of an item; a copy when they lie in pieces. */
export function allBytes(buf: Buffer, { extents }: Item): Buffer {
  const pieces = extents.map(({ from, to }) => buf.subarray(from, to));
  const [first, second] = pieces;
  return first && !second ? first : Buffer.concat(pieces);
}

export function readPrimarySize({ primary }: Meta, codec: Codec, limits: InspectLimits): Size {
  const { label, itemType } = codec;
  if (primary.type !== itemType && primary.type !== 'grid') {
    throw new Refusal(
      'unsupported_format',
      `The ${label} shows a composition of pictures or one in another compression; a single picture or a grid of ` +
        'tiles is accepted. Export it as JPEG.',
    );
  }
  const { size } = primary.properties;
  if (!size) throw damaged('its primary picture has no size');
  refuseSize(size.width, size.height, limits);
  return size;
}

/** Refuses what asks a decoder for more than the container declares, or for another decoder. */
export function refuseBombs(buf: Buffer, meta: Meta, size: Size, codec: Codec, limits: InspectLimits): void {
  const { primary, items } = meta;
  refuseOverlap(buf, items, codec);
  let pixels = 0;
  for (const item of items) {
    if (item.type !== codec.itemType) continue;
    for (const frame of codec.readFrames(buf, item)) {
      refuseLarge(frame.width, frame.height, limits);
      pixels += frame.width * frame.height;
      if (item === primary && !isSame(frame, size)) {
        throw damaged('its container and its picture differ in size');
      }
    }
  }
  if (pixels === 0) throw damaged('it holds no picture');
  if (pixels > PLANES * limits.maxPixels) {
    throw new Refusal(
      'image_too_large',
      `The ${codec.label} unfolds to ${pixels} pixels over all its parts; at most ${PLANES * limits.maxPixels} are ` +
        'accepted. Export it smaller.',
    );
  }
  for (const item of items) if (item.type === 'grid') refuseGrid(buf, item, meta, codec, limits);
  refuseOtherDecoder(meta, codec);
  refuseColour(meta, codec);
}

function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

/** Items that share their bytes unfold to any multiple of the file. */
function refuseOverlap(buf: Buffer, items: readonly Item[], { itemType }: Codec): void {
  const bytes = items
    .filter(({ type }) => type === itemType)
    .flatMap(({ extents }) => extents)
    .reduce((sum, { from, to }) => sum + to - from, 0);
  if (bytes > buf.length) throw damaged('its pictures share their data');
}

/**
 * A grid (ISO/IEC 23008-12 section 6.6.2.3) repeats the size of the whole, and its tiles cover that and no more: a
 * decoder unpacks each tile as often as it is named.
 */
function refuseGrid(
  buf: Buffer,
  grid: Item,
  { items, references }: Meta,
  { itemType }: Codec,
  limits: InspectLimits,
): void {
  const data = allBytes(buf, grid);
  const fields = new Fields(data, 0, data.length);
  fields.skip(1); // version
  const bytes = (fields.uint(1) & 1) === 1 ? 4 : 2;
  const rows = 1 + fields.uint(1);
  const columns = 1 + fields.uint(1);
  const whole = { width: fields.uint(bytes), height: fields.uint(bytes) };
  refuseLarge(whole.width, whole.height, limits);
  if (!grid.properties.size || !isSame(whole, grid.properties.size)) {
    throw damaged('its container and its grid differ in size');
  }
  const ids = references
    .filter(({ type, from }) => type === 'dimg' && from === grid.id)
    .flatMap(({ to }) => to);
  if (ids.length !== rows * columns) throw damaged('its grid and its tiles differ in number');
  const byId = new Map(items.map((item) => [item.id, item]));
  const tiles = ids.map((id) => byId.get(id));
  const tile = tiles[0]?.properties.size;
  const areAlike = tiles.every(
    (item) => item?.type === itemType && tile && item.properties.size && isSame(item.properties.size, tile),
  );
  if (!tile || !areAlike) throw damaged('the tiles of its grid are not alike');
  if (!covers(columns, tile.width, whole.width) || !covers(rows, tile.height, whole.height)) {
    throw damaged('the tiles of its grid do not fit its size');
  }
}

function covers(count: number, tile: number, whole: number): boolean {
  return count * tile >= whole && (count - 1) * tile < whole;
}

/** The alpha of a picture is decoded with it. */
function refuseOtherDecoder({ primary, items, references }: Meta, { label, itemType }: Codec): void {
  const helpers = references.filter(({ type, to }) => type === 'auxl' && to.includes(primary.id));
  for (const { from } of helpers) {
    const type = items.find(({ id }) => id === from)?.type;
    if (type === itemType || type === 'grid') continue;
    throw new Refusal(
      'unsupported_format',
      `The ${label} has an auxiliary picture in another compression. Export the photo as JPEG.`,
    );
  }
}

/** The colour of the primary picture; a grid may leave it to its tiles. */
export function readColour({ primary, items, references }: Meta): Pick<Item['properties'], 'icc' | 'coded'> {
  const { icc, coded } = primary.properties;
  if (icc || coded || primary.type !== 'grid') return { icc, coded };
  const tileId = references.find(({ type, from }) => type === 'dimg' && from === primary.id)?.to[0];
  return items.find(({ id }) => id === tileId)?.properties ?? { icc, coded };
}

/** Unspecified, BT.709 and both BT.601: all are taken for sRGB. 12 is Display P3. */
const PRIMARIES = [2, 1, 5, 6, 7, 12];
/** PQ and HLG of BT.2100. */
const HDR_TRANSFERS = [16, 18];
/** Unspecified, the curves of BT.709, BT.601 and BT.2020, gamma 2.2 and sRGB. */
const TRANSFERS = [2, 1, 4, 6, 13, 14, 15];

/** Refuses pictures that would come out in wrong colours: no profile can say what a wide range of brightness means. */
function refuseColour(meta: Meta, { label }: Codec): void {
  const { icc, coded } = readColour(meta);
  if (!coded || icc) return;
  if (HDR_TRANSFERS.includes(coded.transfer)) {
    throw new Refusal(
      'unsupported_format',
      `The ${label} is an HDR picture (${coded.transfer === 16 ? 'PQ' : 'HLG'}); standard dynamic range is accepted. ` +
        'Turn HDR off in the camera, or export the photo as JPEG.',
    );
  }
  if (isKnown(coded)) return;
  throw new Refusal(
    'unsupported_format',
    `The ${label} has its colours in a space that is not supported (primaries ${coded.primaries}, transfer ` +
      `${coded.transfer} of H.273); sRGB, Display P3 and any ICC profile are. Export the photo as JPEG.`,
  );
}

function isKnown({ primaries, transfer }: CodedColour): boolean {
  return PRIMARIES.includes(primaries) && TRANSFERS.includes(transfer);
}
