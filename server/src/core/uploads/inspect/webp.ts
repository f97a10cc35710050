import { readOrientation } from './exif.ts';
import { refuseHostile, refuseTrailing } from './foreign.ts';
import { refuseSize } from './size.ts';
import { corrupt, type InspectLimits, type Picture, polyglot, Refusal, truncated } from './verdict.ts';

interface Chunk {
  readonly id: string;
  readonly from: number;
  readonly to: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

interface Walk {
  readonly buf: Buffer;
  readonly limits: InspectLimits;
  canvas: Size | null;
  picture: Size | null;
  orientation: number;
}

const RIFF_HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
/** An extended file needs half a dozen. */
const MAX_CHUNKS = 1024;
const MAX_METADATA_BYTES = 16 * 1024 * 1024;
/** Bit of the VP8X flags (WebP container specification, "Extended File Format"). */
const ANIMATION_FLAG = 0x02;

export function parseWebp(buf: Buffer, limits: InspectLimits): Picture {
  const riffEnd = 8 + buf.readUInt32LE(4);
  const walk: Walk = { buf, limits, canvas: null, picture: null, orientation: 1 };
  let pos = RIFF_HEADER_BYTES;
  for (let chunks = 0; pos < riffEnd; chunks++) {
    if (chunks === MAX_CHUNKS) throw corrupt('WebP', `it has more than ${MAX_CHUNKS} chunks`);
    const chunk = readChunk(buf, pos, riffEnd);
    noteChunk(walk, chunk, pos === RIFF_HEADER_BYTES);
    // Chunks are padded to an even length.
    pos = chunk.to + ((chunk.to - chunk.from) % 2);
  }
  if (riffEnd > buf.length) throw truncated('WebP');
  if (!walk.picture) throw corrupt('WebP', 'it holds no picture');
  refuseTrailing(buf, riffEnd, 'WebP');
  return { ...walk.picture, orientation: walk.orientation };
}

function readChunk(buf: Buffer, pos: number, riffEnd: number): Chunk {
  if (pos + CHUNK_HEADER_BYTES > buf.length) throw truncated('WebP');
  const id = buf.toString('latin1', pos, pos + 4);
  const from = pos + CHUNK_HEADER_BYTES;
  const to = from + buf.readUInt32LE(pos + 4);
  if (to > riffEnd) throw corrupt('WebP', `its chunk at byte ${pos} is longer than the file declares to be`);
  // The size of the picture stands in its first bytes: it is judged even when the rest is missing.
  return { id, from, to: Math.min(to, buf.length) };
}

function noteChunk(walk: Walk, chunk: Chunk, isFirst: boolean): void {
  switch (chunk.id) {
    case 'VP8X':
      if (!isFirst) throw corrupt('WebP', 'its header is not at the start');
      walk.canvas = readCanvas(walk, chunk);
      return;
    case 'VP8 ':
      notePicture(walk, readLossy(walk.buf, chunk), isFirst);
      return;
    case 'VP8L':
      notePicture(walk, readLossless(walk.buf, chunk), isFirst);
      return;
    case 'ANIM':
    case 'ANMF':
      throw animated();
    default:
      if (isFirst) throw corrupt('WebP', 'it does not start with a picture or a header');
      noteMetadata(walk, chunk);
  }
}

function animated(): Refusal {
  return new Refusal(
    'image_animated',
    'The WebP is an animation; photos have a single frame. Export one frame as JPEG, PNG or WebP.',
  );
}

function need(chunk: Chunk, bytes: number): void {
  if (chunk.to - chunk.from < bytes) throw truncated('WebP');
}

function readCanvas({ buf, limits }: Walk, chunk: Chunk): Size {
  need(chunk, 10);
  if (buf.readUInt8(chunk.from) & ANIMATION_FLAG) throw animated();
  const width = 1 + buf.readUIntLE(chunk.from + 4, 3);
  const height = 1 + buf.readUIntLE(chunk.from + 7, 3);
  refuseSize(width, height, limits);
  return { width, height };
}

function notePicture(walk: Walk, size: Size, isFirst: boolean): void {
  refuseSize(size.width, size.height, walk.limits);
  if (walk.picture) throw corrupt('WebP', 'it holds two pictures');
  if (!isFirst && !walk.canvas) throw corrupt('WebP', 'its header is missing');
  if (walk.canvas && (walk.canvas.width !== size.width || walk.canvas.height !== size.height)) {
    throw corrupt('WebP', 'its header and its picture differ in size');
  }
  walk.picture = size;
}

/** Frame header of VP8 (RFC 6386 section 9.1). */
function readLossy(buf: Buffer, chunk: Chunk): Size {
  need(chunk, 10);
  const tag = buf.readUIntLE(chunk.from, 3);
  if ((tag & 1) !== 0 || buf.readUIntBE(chunk.from + 3, 3) !== 0x9d012a) {
    throw corrupt('WebP', 'its picture does not start with a key frame');
  }
  const firstPartitionBytes = tag >> 5;
  if (10 + firstPartitionBytes > chunk.to - chunk.from) throw truncated('WebP');
  return {
    width: buf.readUInt16LE(chunk.from + 6) & 0x3fff,
    height: buf.readUInt16LE(chunk.from + 8) & 0x3fff,
  };
}

/** Header of the lossless bitstream (RFC 9649 section 3.4): 14 bits each for width - 1 and height - 1. */
function readLossless(buf: Buffer, chunk: Chunk): Size {
  need(chunk, 5);
  const bits = buf.readUInt32LE(chunk.from + 1);
  if (buf.readUInt8(chunk.from) !== 0x2f || bits >>> 29 !== 0) {
    throw corrupt('WebP', 'its lossless picture has the wrong signature');
  }
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) };
}

function noteMetadata(walk: Walk, { id, from, to }: Chunk): void {
  // The alpha plane is compressed picture data.
  if (id === 'ALPH') return;
  if (to - from > MAX_METADATA_BYTES) {
    throw polyglot('WebP', `too much data that is not picture in one chunk (${to - from} bytes)`);
  }
  refuseHostile(walk.buf, from, to, 'WebP', 'its metadata');
  if (id === 'EXIF') walk.orientation = readOrientation(walk.buf, from, to);
}
