import { readAv1FrameSize } from './av1.ts';
import { type Extent, type Item, type Meta, readMeta } from './avifMeta.ts';
import { describeTail, refuseHostile, skipZeros } from './foreign.ts';
import { type Box, Fields, readBox } from './isobmff.ts';
import { refuseLarge, refuseSize } from './size.ts';
import { readBrands } from './sniff.ts';
import { corrupt, type InspectLimits, type Picture, polyglot, Refusal, truncated } from './verdict.ts';

/** What may stand at the top of a still picture. `uuid` carries provenance (C2PA). */
const TOP_BOXES = ['ftyp', 'meta', 'mdat', 'idat', 'free', 'skip', 'uuid', 'moov'];
const MAX_TOP_BOXES = 256;
const MAX_SIDE_BYTES = 16 * 1024 * 1024;
/** Room that editors leave where they replaced metadata. */
const MAX_GAP_BYTES = 64 * 1024;
/** A sequence header needs a few dozen bytes. */
const HEADER_BYTES = 256;
/** Colour, alpha, a gain map and a depth map, each up to the largest picture. */
const PLANES = 4;

export function parseAvif(buf: Buffer, limits: InspectLimits): Picture {
  if (readBrands(buf).includes('avis')) throw animated();
  const boxes = walkTop(buf, limits);
  const metas = boxes.filter(({ type }) => type === 'meta');
  const [metaBox] = metas;
  if (!metaBox || metas.length > 1) throw corrupt('AVIF', `it has ${metas.length} meta boxes, one is needed`);
  const meta = readMeta(buf, metaBox);
  const size = readPrimarySize(meta, limits);
  const stores = boxes.filter(({ type }) => type === 'mdat');
  if (stores.length === 0 && meta.primary.extents.some(({ inFile }) => inFile)) throw truncated('AVIF');
  for (const { extents } of meta.items) {
    for (const extent of extents) refuseOutside(buf, extent, extent.inFile ? stores : [metaBox]);
  }
  refuseHidden(buf, stores, meta);
  refuseBombs(buf, meta, size, limits);
  return { ...size, orientation: meta.primary.properties.orientation };
}

function animated(): Refusal {
  return new Refusal(
    'image_animated',
    'The AVIF is a sequence of pictures; photos have a single frame. Export one frame as JPEG, PNG or AVIF.',
  );
}

function walkTop(buf: Buffer, limits: InspectLimits): Box[] {
  const boxes: Box[] = [];
  for (let pos = 0; pos < buf.length; ) {
    if (boxes.length === MAX_TOP_BOXES)
      throw corrupt('AVIF', `it has more than ${MAX_TOP_BOXES} boxes in a row`);
    const box = readBox(buf, pos, buf.length);
    if (!box || !TOP_BOXES.includes(box.type)) {
      refuseRest(buf, pos, boxes, limits);
      return boxes;
    }
    if (box.type === 'moov') throw animated();
    if (box.type !== 'mdat' && box.type !== 'meta') refuseSide(buf, box);
    boxes.push(box);
    pos = box.to;
  }
  return boxes;
}

/** What cannot be read as a box is padding, the rest of a file cut short, or foreign. */
function refuseRest(buf: Buffer, pos: number, boxes: readonly Box[], limits: InspectLimits): void {
  const isCut = TOP_BOXES.includes(buf.toString('latin1', pos + 4, pos + 8));
  const complete = boxes.some(({ type }) => type === 'meta') && boxes.some(({ type }) => type === 'mdat');
  const solid = skipZeros(buf, pos, buf.length);
  if (complete && solid === buf.length) return;
  if (complete && !isCut) throw polyglot('AVIF', `${describeTail(buf, solid)} after its end`);
  const meta = boxes.find(({ type }) => type === 'meta');
  // The size is told before the cut: who sends half of a bomb should hear about the bomb.
  if (meta) readPrimarySize(readMeta(buf, meta), limits);
  throw truncated('AVIF');
}

function refuseSide(buf: Buffer, { type, from, to }: Box): void {
  if (to - from > MAX_SIDE_BYTES) {
    throw polyglot('AVIF', `too much data that is not picture in its box ${type} (${to - from} bytes)`);
  }
  refuseHostile(buf, from, to, 'AVIF', `its box ${type}`);
}

function readPrimarySize({ primary }: Meta, limits: InspectLimits): { width: number; height: number } {
  if (primary.type !== 'av01' && primary.type !== 'grid') {
    throw new Refusal(
      'unsupported_format',
      'The AVIF shows a composition of pictures; a single picture or a grid of tiles is accepted. Export it as JPEG.',
    );
  }
  const { size } = primary.properties;
  if (!size) throw corrupt('AVIF', 'its primary picture has no size');
  refuseSize(size.width, size.height, limits);
  return size;
}

function refuseOutside(buf: Buffer, { from, to }: Extent, homes: readonly Box[]): void {
  if (to > buf.length) throw truncated('AVIF');
  if (!homes.some((home) => from >= home.from && to <= home.to)) {
    throw corrupt('AVIF', 'an item lies outside the data boxes');
  }
}

/** No decoder reads the bytes of a data box between its items: a hiding place. */
function refuseHidden(buf: Buffer, stores: readonly Box[], { items }: Meta): void {
  const extents = items
    .flatMap((item) => item.extents)
    .filter(({ inFile }) => inFile)
    .toSorted((a, b) => a.from - b.from);
  for (const store of stores) {
    let covered = store.from;
    let unused = 0;
    for (const { from, to } of [...extents, { from: store.to, to: store.to }]) {
      if (to < store.from || from > store.to) continue;
      if (from > covered) {
        unused += from - skipZeros(buf, covered, from);
        if (unused > MAX_GAP_BYTES) throw polyglot('AVIF', `${unused} bytes of other data between its items`);
        refuseHostile(buf, covered, from, 'AVIF', 'a gap between its items');
      }
      covered = Math.max(covered, to);
    }
  }
}

/** Refuses bitstreams whose own headers ask for more than the container declares. */
function refuseBombs(
  buf: Buffer,
  { primary, items }: Meta,
  size: { width: number; height: number },
  limits: InspectLimits,
): void {
  let pixels = 0;
  for (const item of items) {
    if (item.type !== 'av01') continue;
    const frame = readAv1FrameSize(firstBytes(buf, item));
    refuseLarge(frame.width, frame.height, limits);
    pixels += frame.width * frame.height;
    if (item === primary && (frame.width !== size.width || frame.height !== size.height)) {
      throw corrupt('AVIF', 'its container and its picture differ in size');
    }
  }
  if (pixels === 0) throw corrupt('AVIF', 'it holds no picture');
  if (pixels > PLANES * limits.maxPixels) {
    throw new Refusal(
      'image_too_large',
      `The AVIF unfolds to ${pixels} pixels over all its parts; at most ${PLANES * limits.maxPixels} are accepted. ` +
        'Export it smaller.',
    );
  }
  if (primary.type === 'grid') refuseGridMismatch(buf, primary, size);
}

function firstBytes(buf: Buffer, { extents }: Item): Buffer {
  const [extent] = extents;
  if (!extent) throw corrupt('AVIF', 'a picture has no data');
  return buf.subarray(extent.from, Math.min(extent.to, extent.from + HEADER_BYTES));
}

/** The grid's own description (ISO/IEC 23008-12 section 6.6.2.3) repeats the size of the whole. */
function refuseGridMismatch(buf: Buffer, primary: Item, size: { width: number; height: number }): void {
  const data = firstBytes(buf, primary);
  const fields = new Fields(data, 0, data.length);
  fields.skip(1); // version
  const bytes = (fields.uint(1) & 1) === 1 ? 4 : 2;
  fields.skip(2); // rows and columns
  if (fields.uint(bytes) !== size.width || fields.uint(bytes) !== size.height) {
    throw corrupt('AVIF', 'its container and its grid differ in size');
  }
}
