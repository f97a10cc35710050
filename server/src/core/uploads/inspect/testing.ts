import { crc32 } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';
import { readMeta } from './heifMeta.ts';
import { readBoxes } from './isobmff.ts';

export const LIMITS = { maxBytes: 50 * 1024 * 1024, maxPixels: 100_000_000 };

/** A photo-like picture: a gradient with grain, the same for the same size. */
export function photo(width = 160, height = 120, channels: 1 | 3 | 4 = 3): Sharp {
  const pixels = Buffer.alloc(width * height * channels);
  let grain = 1;
  for (let i = 0; i < pixels.length; i++) {
    grain = (grain * 48_271) % 0x7fffffff;
    pixels[i] = ((i / channels) % width) + (grain % 24);
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

/** A JPEG segment with its length. */
export function segment(marker: number, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

/** A JPEG with segments put behind its start marker. */
export function withSegments(jpeg: Buffer, ...segments: Buffer[]): Buffer {
  return Buffer.concat([jpeg.subarray(0, 2), ...segments, jpeg.subarray(2)]);
}

/** Where the payload of the first segment with that marker starts. */
export function payloadOf(jpeg: Buffer, marker: number): number {
  let pos = 2;
  while (jpeg[pos + 1] !== marker) pos += 2 + jpeg.readUInt16BE(pos + 2);
  return pos + 4;
}

export function pngChunk(type: string, payload: Buffer | string = ''): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), Buffer.from(payload)]);
  const chunk = Buffer.alloc(typed.length + 8);
  chunk.writeUInt32BE(typed.length - 4, 0);
  typed.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(typed), typed.length + 4);
  return chunk;
}

/** Offset behind the header chunk. */
export const PNG_BODY = 8 + 25;

/** A PNG with chunks put behind its header. */
export function withChunks(png: Buffer, ...chunks: Buffer[]): Buffer {
  return Buffer.concat([png.subarray(0, PNG_BODY), ...chunks, png.subarray(PNG_BODY)]);
}

/** A PNG whose header claims another size, with a checksum that fits. */
export function withPngSize(png: Buffer, width: number, height: number): Buffer {
  const header = Buffer.from(png.subarray(16, 29));
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  return Buffer.concat([png.subarray(0, 8), pngChunk('IHDR', header), png.subarray(PNG_BODY)]);
}

export function riffChunk(id: string, payload: Buffer | string): Buffer {
  const body = Buffer.from(payload);
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body, Buffer.alloc(body.length % 2)]);
}

/** A WebP of these chunks. */
export function riff(...chunks: Buffer[]): Buffer {
  const body = Buffer.concat([Buffer.from('WEBP'), ...chunks]);
  const head = Buffer.from('RIFF\0\0\0\0', 'latin1');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** An archive with one stored file, as a zip tool writes it. */
export function zip(name = 'a.txt', content = 'hidden'): Buffer {
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 'latin1');
  local.writeUInt32LE(crc32(content), 14);
  local.writeUInt32LE(content.length, 18);
  local.writeUInt32LE(content.length, 22);
  local.writeUInt16LE(name.length, 26);
  const central = Buffer.alloc(46);
  central.write('PK\x01\x02', 'latin1');
  local.copy(central, 16, 14, 28);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length + name.length, 12);
  end.writeUInt32LE(local.length + name.length + content.length, 16);
  return Buffer.concat([local, Buffer.from(name + content), central, Buffer.from(name), end]);
}

/** A box of an ISO media file. */
export function box(type: string, ...parts: (Buffer | readonly number[])[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part)));
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length + 8, 0);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, body]);
}

export function u16(...values: number[]): number[] {
  return values.flatMap((value) => [(value >> 8) & 255, value & 255]);
}

export function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255]);
}

/** A small mp4 as phones append it: 24 bytes of ftyp, then data and its index. */
export function video(): Buffer {
  return Buffer.concat([
    box('ftyp', Buffer.from('mp42'), u32(0), Buffer.from('isommp42')),
    box('mdat', Buffer.alloc(3000, 0x5a)),
    box('moov', Buffer.alloc(200, 1)),
  ]);
}

export interface HeifItem {
  readonly type: string;
  readonly data: Buffer;
  /** Whole boxes. */
  readonly properties?: readonly Buffer[];
  /** 1: in the meta box's own data instead of a data box. */
  readonly method?: 0 | 1;
}

export interface HeifShape {
  readonly ftyp: Buffer;
  /** Numbered from 1; the first is primary. */
  readonly items: readonly HeifItem[];
  readonly references?: readonly { type: string; from: number; to: readonly number[] }[];
  readonly tail?: Buffer;
  /** Replaces the header of the data box. */
  readonly dataHeader?: (length: number) => Buffer;
  readonly extentsPerItem?: number;
}

const openData = (length: number) => Buffer.from([...u32(length + 8), ...Buffer.from('mdat')]);

/** Composes a HEIF file, sound or not. */
export function composeHeif(shape: HeifShape): Buffer {
  const {
    ftyp,
    items,
    references = [],
    tail = Buffer.alloc(0),
    dataHeader = openData,
    extentsPerItem = 1,
  } = shape;
  const own = items.filter(({ method }) => method === 1).map(({ data }) => data);
  const stored = items.filter(({ method }) => method !== 1).map(({ data }) => data);
  const listed = [...new Set(items.flatMap(({ properties = [] }) => properties))];
  const make = (dataStart: number) => {
    let ownAt = 0;
    let fileAt = dataStart;
    const places = items.map(({ data, method = 0 }, i) => {
      const from = method === 1 ? ownAt : fileAt;
      if (method === 1) ownAt += data.length;
      else fileAt += data.length;
      const extents = Array.from({ length: extentsPerItem }, () => u32(from, data.length)).flat();
      return [...u16(i + 1, method, 0, extentsPerItem), ...extents];
    });
    const owned = items.map(({ properties = [] }, i) => [
      ...u16(i + 1),
      properties.length,
      ...properties.flatMap((property) => u16(0x8000 | (listed.indexOf(property) + 1))),
    ]);
    const entries = items.map(({ type }, i) =>
      box('infe', [2, 0, 0, 0], u16(i + 1, 0), Buffer.from(`${type}\0`, 'latin1')),
    );
    const links = references.map(({ type, from, to }) => box(type, u16(from, to.length, ...to)));
    return box(
      'meta',
      u32(0),
      box('hdlr', u32(0, 0), Buffer.from('pict'), Buffer.alloc(13)),
      box('pitm', u32(0), u16(1)),
      box('iloc', [1, 0, 0, 0, 0x44, 0], u16(items.length), ...places),
      box('iinf', u32(0), u16(items.length), ...entries),
      ...(links.length > 0 ? [box('iref', u32(0), ...links)] : []),
      box('iprp', box('ipco', ...listed), box('ipma', u32(1), u32(items.length), ...owned)),
      ...(own.length > 0 ? [box('idat', ...own)] : []),
    );
  };
  const data = Buffer.concat(stored);
  const header = dataHeader(data.length);
  const start = ftyp.length + make(0).length + header.length;
  return Buffer.concat([ftyp, make(start), header, data, tail]);
}

/** The description of a grid of tiles. */
export function gridData(rows: number, columns: number, width: number, height: number): Buffer {
  return Buffer.from([0, 0, rows - 1, columns - 1, ...u16(width, height)]);
}

/** The first box of a type, with its header, wherever it stands. */
export function cutBox(bytes: Buffer, type: string): Buffer {
  const at = bytes.indexOf(type, 0, 'latin1') - 4;
  return bytes.subarray(at, at + bytes.readUInt32BE(at));
}

/** The bytes of each item of a file whose items lie in one piece each, as encoders write them. */
export function cutItems(bytes: Buffer): Buffer[] {
  const meta = readBoxes(bytes, 0, bytes.length, 100).find(({ type }) => type === 'meta');
  if (!meta) throw new Error('the file has no meta box');
  return readMeta(bytes, meta).items.map(({ extents: [extent] }) => bytes.subarray(extent?.from, extent?.to));
}
