import { crc32 } from 'node:zlib';
import { readOrientation } from './exif.ts';
import { refuseHostile, refuseTrailing } from './foreign.ts';
import { refuseSize } from './size.ts';
import { corrupt, type InspectLimits, type Picture, polyglot, Refusal, truncated } from './verdict.ts';

const SIGNATURE_BYTES = 8;
/** Length, type and checksum of a chunk. */
const CHUNK_OVERHEAD = 12;
/** A 50 MB file in pieces of 512 bytes; encoders write pieces of 8 kB and more. */
const MAX_CHUNKS = 100_000;
/** Profiles, text and application data of real files stay far below. */
const MAX_ANCILLARY_BYTES = 16 * 1024 * 1024;
/** All compressed metadata together: deflate unfolds to at most 1,032 times its size. */
const MAX_COMPRESSED_BYTES = 4 * 1024 * 1024;
const COMPRESSED = ['iCCP', 'zTXt', 'iTXt'];
const ANIMATION = ['acTL', 'fcTL', 'fdAT'];
/** 258 bytes of output take at least two bits (RFC 1951 section 3.2.5). */
const DEFLATE_MAX_RATIO = 1032;

/** Samples per pixel and permitted depths of each colour type (PNG third edition, section 11.2.1). */
const COLOUR_TYPES: Record<number, { samples: number; depths: readonly number[] }> = {
  0: { samples: 1, depths: [1, 2, 4, 8, 16] },
  2: { samples: 3, depths: [8, 16] },
  3: { samples: 1, depths: [1, 2, 4, 8] },
  4: { samples: 2, depths: [8, 16] },
  6: { samples: 4, depths: [8, 16] },
};

interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly to: number;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly usesPalette: boolean;
  /** Size of the unpacked pixels without filter bytes. */
  readonly rawBytes: number;
}

interface Walk {
  readonly buf: Buffer;
  hasPalette: boolean;
  pictureBytes: number;
  pictureClosed: boolean;
  compressedBytes: number;
  orientation: number;
}

export function parsePng(buf: Buffer, limits: InspectLimits): Picture {
  const first = readChunk(buf, SIGNATURE_BYTES);
  const header = readHeader(buf, first);
  refuseSize(header.width, header.height, limits);
  const walk: Walk = {
    buf,
    hasPalette: false,
    pictureBytes: 0,
    pictureClosed: false,
    compressedBytes: 0,
    orientation: 1,
  };
  let pos = first.to + 4;
  for (let chunks = 0; chunks < MAX_CHUNKS; chunks++) {
    const chunk = readChunk(buf, pos);
    pos = chunk.to + 4;
    if (chunk.type !== 'IEND') {
      noteChunk(walk, chunk, header);
      continue;
    }
    if (chunk.from !== chunk.to) throw corrupt('PNG', 'its end chunk is not empty');
    if (walk.pictureBytes * DEFLATE_MAX_RATIO < header.rawBytes) throw truncated('PNG');
    refuseTrailing(buf, pos, 'PNG');
    return { width: header.width, height: header.height, orientation: walk.orientation };
  }
  throw corrupt('PNG', `it has more than ${MAX_CHUNKS} chunks`);
}

function readChunk(buf: Buffer, pos: number): Chunk {
  if (pos + CHUNK_OVERHEAD > buf.length) throw truncated('PNG');
  const from = pos + 8;
  const to = from + buf.readUInt32BE(pos);
  const type = buf.toString('latin1', pos + 4, from);
  if (!/^[A-Za-z]{2}[A-Z][A-Za-z]$/.test(type)) throw corrupt('PNG', `there is no chunk at byte ${pos}`);
  if (to + 4 > buf.length) throw truncated('PNG');
  if (crc32(buf.subarray(pos + 4, to)) !== buf.readUInt32BE(to)) {
    throw corrupt('PNG', `its chunk ${type} fails its checksum`);
  }
  return { type, from, to };
}

function readHeader(buf: Buffer, { type, from, to }: Chunk): Header {
  if (type !== 'IHDR' || to - from !== 13) throw corrupt('PNG', 'it does not start with a header chunk');
  const width = buf.readUInt32BE(from);
  const height = buf.readUInt32BE(from + 4);
  const depth = buf.readUInt8(from + 8);
  const colourType = buf.readUInt8(from + 9);
  const colour = COLOUR_TYPES[colourType];
  if (!colour?.depths.includes(depth)) {
    throw corrupt('PNG', `colour type ${colourType} with ${depth} bits per sample does not exist`);
  }
  if (buf.readUInt16BE(from + 10) !== 0)
    throw corrupt('PNG', 'it names an unknown compression or filter method');
  if (buf.readUInt8(from + 12) > 1) throw corrupt('PNG', 'it names an unknown interlace method');
  const rawBytes = Math.floor((width * height * depth * colour.samples) / 8);
  return { width, height, usesPalette: colourType === 3, rawBytes };
}

function noteChunk(walk: Walk, chunk: Chunk, header: Header): void {
  if (chunk.type === 'IDAT') {
    notePicture(walk, chunk, header);
    return;
  }
  walk.pictureClosed = walk.pictureBytes > 0;
  if (chunk.type === 'PLTE') {
    const length = chunk.to - chunk.from;
    if (walk.hasPalette || length === 0 || length > 768 || length % 3 !== 0)
      throw corrupt('PNG', 'its palette is not valid');
    walk.hasPalette = true;
    return;
  }
  // An upper case first letter marks chunks that a decoder must understand (section 5.4).
  if (/^[A-Z]/.test(chunk.type)) throw corrupt('PNG', `its chunk ${chunk.type} is not expected there`);
  noteAncillary(walk, chunk);
}

function notePicture(walk: Walk, { from, to }: Chunk, header: Header): void {
  if (walk.pictureClosed) throw corrupt('PNG', 'other chunks interrupt its picture data');
  if (header.usesPalette && !walk.hasPalette) throw corrupt('PNG', 'its palette is missing');
  walk.pictureBytes += to - from;
}

function noteAncillary(walk: Walk, { type, from, to }: Chunk): void {
  if (ANIMATION.includes(type)) {
    throw new Refusal(
      'image_animated',
      'The PNG is an animation; photos have a single frame. Export one frame as JPEG or PNG.',
    );
  }
  const length = to - from;
  if (COMPRESSED.includes(type)) walk.compressedBytes += length;
  if (length > MAX_ANCILLARY_BYTES || walk.compressedBytes > MAX_COMPRESSED_BYTES) {
    throw polyglot('PNG', `too much data that is not picture in its chunk ${type} (${length} bytes)`);
  }
  refuseHostile(walk.buf, from, to, 'PNG', `its chunk ${type}`);
  if (type === 'eXIf') walk.orientation = readOrientation(walk.buf, from, to);
}
