import { describeTail, refuseHostile, skipZeros } from './foreign.ts';
import { polyglot } from './verdict.ts';
import { endOfVideo } from './video.ts';

/** What the metadata announces behind the picture. */
export interface Announced {
  /** Further JPEG pictures: previews, gain maps (CIPA DC-007, Ultra HDR). */
  readonly pictures: boolean;
  /** A video of the moment (Motion Photo). */
  readonly video: boolean;
}

interface Tail {
  readonly buf: Buffer;
  /** Where the unexplained bytes start. */
  readonly pos: number;
  /** The first of them that is not zero. Data may start before it, with zeros of its own. */
  readonly solid: number;
  /** Behind the last byte of the file that is not zero: some trailers are found from their end. */
  readonly end: number;
  readonly announced: Announced;
  /** Walks a JPEG and answers where it ends. */
  readonly walkPicture: (from: number) => number;
}

interface Trailer {
  readonly reason: string;
  /** Where the trailer ends, or null when the tail does not start with one. */
  readonly end: (tail: Tail) => number | null;
}

/** What cameras and photographers' tools are known to append. All else behind the end of a picture is foreign. */
const TRAILERS: readonly Trailer[] = [
  { reason: 'Samsung: scene data and motion photos, listed in a directory at the end', end: endOfSamsung },
  { reason: 'Photo Mechanic: ratings and crops of a photographer who culls', end: endOfPhotoMechanic },
  { reason: 'Canon Digital Photo Professional: the recipe of an edit', end: endOfCanonRecipe },
  { reason: 'Multi-Picture Format and Ultra HDR: previews, gain and depth maps as JPEG', end: endOfPicture },
  { reason: 'Motion Photo: a short video, announced in XMP', end: endOfAnnouncedVideo },
];

/** More than any camera appends; each costs a look at all kinds. */
const MAX_TRAILERS = 32;
/** Blocks of text and settings are smaller; pictures and video, in which any few bytes come up, are larger. */
const TEXT_BLOCK_BYTES = 64 * 1024;

/** Refuses what stands behind the end of the picture unless it is padding or a trailer of the table. */
export function refuseTrailers(
  buf: Buffer,
  from: number,
  announced: Announced,
  walkPicture: (from: number) => number,
): void {
  let pos = from;
  const fileEnd = endBeforeZeros(buf);
  for (let found = 0; found <= MAX_TRAILERS; found++) {
    // Cameras pad to a block of their file system.
    const solid = skipZeros(buf, pos, buf.length);
    if (solid === buf.length) return;
    const end = endOfTrailer({ buf, pos, solid, end: fileEnd, announced, walkPicture });
    if (end === null) throw polyglot('JPEG', `${describeTail(buf, solid)} after its end`);
    pos = end;
  }
  throw polyglot('JPEG', `more than ${MAX_TRAILERS} pieces of data after its end`);
}

function endOfTrailer(tail: Tail): number | null {
  for (const trailer of TRAILERS) {
    const end = trailer.end(tail);
    if (end !== null) return end;
  }
  return null;
}

function endOfPicture({ buf, solid, announced, walkPicture }: Tail): number | null {
  return announced.pictures && buf.toString('latin1', solid, solid + 3) === '\xff\xd8\xff'
    ? walkPicture(solid)
    : null;
}

function endOfAnnouncedVideo({ buf, pos, solid, announced }: Tail): number | null {
  // The leading bytes of the first box's size are zero.
  const start = buf.subarray(solid, solid + 8).indexOf('ftyp') + solid - 4;
  return announced.video && start >= pos && start <= solid ? endOfVideo(buf, start, buf.length) : null;
}

/**
 * Blocks, then a directory `SEFH, version, count, {0, type, distance back from SEFH, size}`, its length and `SEFT`, all
 * little endian. Every block repeats its type.
 */
function endOfSamsung(tail: Tail): number | null {
  const { buf, pos, solid, end } = tail;
  if (end - 20 < pos || buf.toString('latin1', end - 4, end) !== 'SEFT') return null;
  const directory = end - 8 - buf.readUInt32LE(end - 8);
  const blocks = readSamsungDirectory(tail, directory);
  if (!blocks || Math.min(directory, ...blocks.map(({ from }) => from)) > solid) return null;
  for (const { from, to } of blocks) {
    if (to - from <= TEXT_BLOCK_BYTES) refuseHostile(buf, from, to, 'JPEG', 'a trailer');
  }
  return end;
}

const MAX_SAMSUNG_BLOCKS = 128;

function readSamsungDirectory(
  { buf, pos, end }: Tail,
  directory: number,
): { from: number; to: number }[] | null {
  if (
    directory < pos ||
    directory + 12 > end - 8 ||
    buf.toString('latin1', directory, directory + 4) !== 'SEFH'
  )
    return null;
  const count = buf.readUInt32LE(directory + 8);
  if (count > MAX_SAMSUNG_BLOCKS || directory + 12 + 12 * count !== end - 8) return null;
  const blocks = Array.from({ length: count }, (_, i) => {
    const entry = directory + 12 + 12 * i;
    const from = directory - buf.readUInt32LE(entry + 4);
    return { entry, from, to: from + buf.readUInt32LE(entry + 8) };
  });
  const sound = blocks.every(
    ({ entry, from, to }) =>
      from >= pos && to >= from + 8 && to <= directory && buf.readUInt32LE(from) === buf.readUInt32LE(entry),
  );
  return sound ? blocks : null;
}

/** Data, its length (big endian) and `cbipcbbl`. */
function endOfPhotoMechanic({ buf, pos, solid, end }: Tail): number | null {
  if (end - 12 < pos || buf.toString('latin1', end - 8, end) !== 'cbipcbbl') return null;
  const start = end - 12 - buf.readUInt32BE(end - 12);
  if (start < pos || start > solid) return null;
  refuseHostile(buf, start, end, 'JPEG', 'a trailer');
  return end;
}

const CANON = 'CANON OPTIONAL DATA\0';

/** Header of 28 bytes that ends with the length of the data (big endian), the data, a footer of 64 bytes. */
function endOfCanonRecipe({ buf, solid }: Tail): number | null {
  if (solid + 92 > buf.length || buf.toString('latin1', solid, solid + CANON.length) !== CANON) return null;
  const footer = solid + 28 + buf.readUInt32BE(solid + 24);
  if (footer + 64 > buf.length || buf.toString('latin1', footer, footer + CANON.length) !== CANON)
    return null;
  refuseHostile(buf, solid, footer + 64, 'JPEG', 'a trailer');
  return footer + 64;
}

function endBeforeZeros(buf: Buffer): number {
  let end = buf.length;
  while (end > 0 && buf[end - 1] === 0) end--;
  return end;
}
