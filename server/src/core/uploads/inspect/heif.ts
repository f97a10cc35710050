import { describeTail, refuseHostile, skipZeros } from './foreign.ts';
import { type Extent, type Meta, readMeta } from './heifMeta.ts';
import { AVIF_CODEC, type Codec, HEIC_CODEC, readPrimarySize, refuseBombs } from './heifPictures.ts';
import { type Box, Damaged, damaged, readBox } from './isobmff.ts';
import { readBrands } from './sniff.ts';
import { corrupt, type InspectLimits, type Picture, polyglot, Refusal, truncated } from './verdict.ts';
import { endOfVideo } from './video.ts';

/** What may stand at the top of a still picture. `uuid` carries provenance (C2PA), `sefd` Samsung's notes. */
const TOP_BOXES = ['ftyp', 'meta', 'mdat', 'idat', 'free', 'skip', 'uuid', 'moov', 'sefd', 'mpvd'];
const MAX_TOP_BOXES = 256;
const MAX_SIDE_BYTES = 16 * 1024 * 1024;
/** Room that editors leave where they replaced metadata. */
const MAX_GAP_BYTES = 64 * 1024;

interface Walk {
  readonly buf: Buffer;
  readonly codec: Codec;
  readonly limits: InspectLimits;
}

export function parseAvif(buf: Buffer, limits: InspectLimits): Picture {
  return parse({ buf, codec: AVIF_CODEC, limits });
}

export function parseHeic(buf: Buffer, limits: InspectLimits): Picture {
  return parse({ buf, codec: HEIC_CODEC, limits });
}

function parse(walk: Walk): Picture {
  try {
    return readPicture(walk);
  } catch (error) {
    throw error instanceof Damaged ? corrupt(walk.codec.label, error.message) : error;
  }
}

function readPicture(walk: Walk): Picture {
  const { buf, codec, limits } = walk;
  if (readBrands(buf).some((brand) => codec.sequenceBrands.includes(brand))) throw animated(codec);
  const boxes = walkTop(walk);
  const metas = boxes.filter(({ type }) => type === 'meta');
  const [metaBox] = metas;
  if (!metaBox || metas.length > 1) throw damaged(`it has ${metas.length} meta boxes, one is needed`);
  const meta = readMeta(buf, metaBox);
  const size = readPrimarySize(meta, codec, limits);
  const stores = boxes.filter(({ type }) => type === 'mdat');
  if (stores.length === 0 && meta.primary.extents.some(({ inFile }) => inFile)) throw truncated(codec.label);
  for (const { extents } of meta.items) {
    for (const extent of extents) refuseOutside(walk, extent, extent.inFile ? stores : [metaBox]);
  }
  refuseHidden(walk, stores, meta);
  refuseBombs(buf, meta, size, codec, limits);
  return { ...size, orientation: meta.primary.properties.orientation };
}

function animated({ label }: Codec): Refusal {
  return new Refusal(
    'image_animated',
    `The ${label} is a sequence of pictures; photos have a single frame. Export one frame as JPEG, PNG or ${label}.`,
  );
}

function walkTop(walk: Walk): Box[] {
  const { buf, codec } = walk;
  const boxes: Box[] = [];
  for (let pos = 0; pos < buf.length; ) {
    if (boxes.length === MAX_TOP_BOXES) throw damaged(`it has more than ${MAX_TOP_BOXES} boxes in a row`);
    const box = readBox(buf, pos, buf.length);
    if (!box || !TOP_BOXES.includes(box.type)) {
      refuseRest(walk, pos, boxes);
      return boxes;
    }
    if (box.type === 'moov') throw animated(codec);
    if (box.type !== 'mdat' && box.type !== 'meta') refuseSide(walk, box);
    boxes.push(box);
    pos = box.to;
  }
  return boxes;
}

/** What cannot be read as a box is padding, the rest of a file cut short, or foreign. */
function refuseRest({ buf, codec, limits }: Walk, pos: number, boxes: readonly Box[]): void {
  const isCut = TOP_BOXES.includes(buf.toString('latin1', pos + 4, pos + 8));
  const complete = boxes.some(({ type }) => type === 'meta') && boxes.some(({ type }) => type === 'mdat');
  const solid = skipZeros(buf, pos, buf.length);
  if (complete && solid === buf.length) return;
  if (complete && !isCut) throw polyglot(codec.label, `${describeTail(buf, solid)} after its end`);
  const meta = boxes.find(({ type }) => type === 'meta');
  // The size is told before the cut: who sends half of a bomb should hear about the bomb.
  if (meta) readPrimarySize(readMeta(buf, meta), codec, limits);
  throw truncated(codec.label);
}

function refuseSide({ buf, codec: { label } }: Walk, { type, from, to }: Box): void {
  // The moving part of a motion photo.
  if (type === 'mpvd' && endOfVideo(buf, from, to) === to) return;
  if (to - from > MAX_SIDE_BYTES) {
    throw polyglot(label, `too much data that is not picture in its box ${type} (${to - from} bytes)`);
  }
  refuseHostile(buf, from, to, label, `its box ${type}`);
}

function refuseOutside({ buf, codec }: Walk, { from, to }: Extent, homes: readonly Box[]): void {
  if (to > buf.length) throw truncated(codec.label);
  if (!homes.some((home) => from >= home.from && to <= home.to)) {
    throw damaged('an item lies outside the data boxes');
  }
}

/** No decoder reads the bytes of a data box between its items: a hiding place. */
function refuseHidden({ buf, codec: { label } }: Walk, stores: readonly Box[], { items }: Meta): void {
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
        if (unused > MAX_GAP_BYTES) throw polyglot(label, `${unused} bytes of other data between its items`);
        refuseHostile(buf, covered, from, label, 'a gap between its items');
      }
      covered = Math.max(covered, to);
    }
  }
}
