import { readOrientation } from './exif.ts';
import { refuseHostile } from './foreign.ts';
import { type Frame, isFrameMarker, readFrame } from './jpegFrame.ts';
import { type Announced, refuseTrailers } from './jpegTrailers.ts';
import { refuseLarge, refuseSize } from './size.ts';
import { corrupt, type InspectLimits, type Picture, Refusal, truncated } from './verdict.ts';

interface WalkedJpeg extends Picture {
  readonly announced: Announced;
  /** Offset behind the end-of-image marker. */
  readonly end: number;
}

interface Walk {
  readonly buf: Buffer;
  readonly checkSize: (width: number, height: number) => void;
  frame: Frame | null;
  scans: number;
  /** Bytes of scans that hold the first bits of each block's DC coefficient. */
  dcBytes: number;
  readonly scanned: Set<number>;
  orientation: number | null;
  /** Whether Adobe's marker is there, which says how colours are stored. */
  adobe: boolean;
  pictures: boolean;
  video: boolean;
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COM = 0xfe;
/** DHT, DAC, DQT, DNL and DRI: tables and numbers that the decoder checks itself. */
const TABLES: readonly number[] = [0xc4, 0xcc, 0xdb, 0xdc, 0xdd];

/** Real files stay below some hundred (extended XMP comes in pieces of 64 kB). */
const MAX_SEGMENTS = 4096;
/** Encoders write about ten. Each scan costs a pass over all blocks, so thousands of empty ones stall a decoder. */
const MAX_SCANS = 200;

export function parseJpeg(buf: Buffer, limits: InspectLimits): Picture {
  const primary = walkJpeg(buf, 0, (width, height) => refuseSize(width, height, limits));
  refuseTrailers(buf, primary.end, primary.announced, (from) => {
    return walkJpeg(buf, from, (width, height) => refuseLarge(width, height, limits)).end;
  });
  return primary;
}

/** Walks one picture from its start-of-image marker at `start` to its end (T.81 section B.2). */
function walkJpeg(buf: Buffer, start: number, checkSize: Walk['checkSize']): WalkedJpeg {
  const walk: Walk = {
    buf,
    checkSize,
    frame: null,
    scans: 0,
    dcBytes: 0,
    scanned: new Set(),
    orientation: null,
    adobe: false,
    pictures: false,
    video: false,
  };
  let pos = start + 2;
  for (let segments = 0; segments < MAX_SEGMENTS; segments++) {
    pos = skipFill(buf, pos);
    const marker = buf.readUInt8(pos + 1);
    if (marker === EOI) return finish(walk, pos + 2);
    const from = pos + 4;
    pos = segmentEnd(buf, pos, marker);
    pos = marker === SOS ? readScan(walk, from, pos) : readSegment(walk, marker, from, pos);
  }
  throw corrupt('JPEG', `it has more than ${MAX_SEGMENTS} segments`);
}

/** Position of the last FF before a marker's code: any number of FF may stand there (T.81 section B.1.1.2). */
function skipFill(buf: Buffer, from: number): number {
  let pos = from;
  if (pos < buf.length && buf[pos] !== 0xff) throw corrupt('JPEG', `there is no marker at byte ${pos}`);
  while (buf[pos + 1] === 0xff) pos++;
  if (pos + 2 > buf.length) throw truncated('JPEG');
  return pos;
}

function segmentEnd(buf: Buffer, pos: number, marker: number): number {
  const known = isFrameMarker(marker) || marker === SOS || TABLES.includes(marker) || isMetadata(marker);
  if (marker === SOI) throw corrupt('JPEG', 'a second picture starts before the first one ends');
  if (!known) throw corrupt('JPEG', `it has the unexpected marker FF${marker.toString(16).toUpperCase()}`);
  if (pos + 4 > buf.length) throw truncated('JPEG');
  const length = buf.readUInt16BE(pos + 2);
  if (length < 2) throw corrupt('JPEG', `its segment at byte ${pos} is shorter than its own length field`);
  if (pos + 2 + length > buf.length) throw truncated('JPEG');
  return pos + 2 + length;
}

function isMetadata(marker: number): boolean {
  return marker === COM || (marker >= APP0 && marker <= APP15);
}

function readSegment(walk: Walk, marker: number, from: number, to: number): number {
  if (isMetadata(marker)) readMetadata(walk, marker, from, to);
  if (isFrameMarker(marker)) {
    if (walk.frame) throw corrupt('JPEG', 'it has two frame headers');
    walk.frame = readFrame(walk.buf, marker, from, to);
    walk.checkSize(walk.frame.width, walk.frame.height);
  }
  return to;
}

function readMetadata(walk: Walk, marker: number, from: number, to: number): void {
  const { buf } = walk;
  refuseHostile(buf, from, to, 'JPEG', marker === COM ? 'a comment' : 'its metadata');
  const label = buf.toString('latin1', from, Math.min(to, from + 24));
  if (marker === APP1 && label.startsWith('Exif\0\0')) walk.orientation ??= readOrientation(buf, from, to);
  if (marker === APP2 && label.startsWith('MPF\0')) walk.pictures = true;
  if (marker === APP14 && label.startsWith('Adobe')) walk.adobe = true;
  if (marker === APP1 && label.startsWith('http://ns.adobe.com/x')) {
    const xmp = buf.toString('latin1', from, to);
    walk.pictures ||= /\bhdrgm:|\bContainer:Directory\b/.test(xmp);
    walk.video ||= /\bMotionPhoto\b|\bMicroVideo\b/.test(xmp);
  }
}

/** Reads a scan header (T.81 section B.2.3) at [from, to) and skips its data; answers where the next marker is. */
function readScan(walk: Walk, from: number, to: number): number {
  const { buf, frame } = walk;
  if (!frame) throw corrupt('JPEG', 'a scan stands before the frame header');
  const count = from < to ? buf.readUInt8(from) : 0;
  if (count < 1 || count > 4 || to - from !== 4 + 2 * count)
    throw corrupt('JPEG', 'a scan header has the wrong length');
  walk.scans++;
  if (walk.scans > MAX_SCANS) {
    throw corrupt('JPEG', `it has more than ${MAX_SCANS} scans, which only serves to stall a decoder`);
  }
  const next = findMarker(buf, to);
  if (next < 0) throw truncated('JPEG');
  const firstCoefficient = buf.readUInt8(to - 3);
  const refines = buf.readUInt8(to - 1) >> 4 !== 0;
  const holdsDc = !frame.progressive || (firstCoefficient === 0 && !refines);
  for (let i = 0; i < count; i++) {
    const id = buf.readUInt8(from + 1 + 2 * i);
    if (!frame.componentIds.includes(id))
      throw corrupt('JPEG', 'a scan names a component that the frame lacks');
    if (!frame.progressive && walk.scanned.has(id)) throw corrupt('JPEG', 'it shows a component twice');
    if (holdsDc) walk.scanned.add(id);
  }
  if (holdsDc) walk.dcBytes += next - to;
  return next;
}

/** Bytes to look at one by one before the native search is called: it pays off only for longer gaps. */
const NEAR = 32;

/**
 * Offset of the first FF that starts a marker, or -1. Within scan data FF00 is a data byte FF, FFD0 to FFD7 are
 * restarts and FFFF is fill (T.81 section B.1.1.5).
 */
export function findMarker(buf: Buffer, from: number): number {
  let pos = from;
  for (;;) {
    const near = Math.min(buf.length, pos + NEAR);
    while (pos < near && buf[pos] !== 0xff) pos++;
    if (pos === near) pos = buf.indexOf(0xff, pos);
    const code = pos < 0 ? undefined : buf[pos + 1];
    if (code === undefined) return -1;
    if (code !== 0 && code !== 0xff && (code < 0xd0 || code > 0xd7)) return pos;
    // After fill the second FF may start a marker, so it is looked at again.
    pos += code === 0xff ? 1 : 2;
  }
}

function finish(walk: Walk, end: number): WalkedJpeg {
  const { frame, orientation, pictures, video } = walk;
  if (!frame || walk.scans === 0) throw corrupt('JPEG', 'it ends without a picture');
  if (walk.scanned.size < frame.componentIds.length || walk.dcBytes < frame.minScanBytes)
    throw truncated('JPEG');
  refuseUnmarkedInks(walk, frame);
  return {
    width: frame.width,
    height: frame.height,
    orientation: orientation ?? 1,
    announced: { pictures, video },
    end,
  };
}

/** Decoders disagree about four colours without the marker: one shows the negative of what the other does. */
function refuseUnmarkedInks({ adobe }: Walk, frame: Frame): void {
  if (frame.componentIds.length < 4 || adobe) return;
  throw new Refusal(
    'unsupported_format',
    'The file is a CMYK JPEG without the marker that says how its inks are stored. Export the photo as JPEG in sRGB.',
  );
}
