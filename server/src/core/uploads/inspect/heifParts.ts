import { readMeta } from './heifMeta.ts';
import { allBytes, readColour } from './heifPictures.ts';
import { type Box, damaged, readBox } from './isobmff.ts';

/** What stands beside the pixels of an AVIF or a HEIC. */
export interface HeifParts {
  readonly icc: Buffer | null;
  /** Colour primaries of ITU-T H.273, for a picture without a profile. */
  readonly primaries: number | null;
  /** A TIFF structure. */
  readonly exif: Buffer | null;
}

/** Reads from a file that was inspected; throws for any other. */
export function readHeifParts(buf: Buffer): HeifParts {
  const meta = readMeta(buf, findMeta(buf));
  const { icc, coded } = readColour(meta);
  const described = meta.references
    .filter(({ type, to }) => type === 'cdsc' && to.includes(meta.primary.id))
    .map(({ from }) => from);
  const exif = meta.items.find(({ id, type }) => type === 'Exif' && described.includes(id));
  return {
    icc: icc && buf.subarray(icc.from, icc.to),
    primaries: coded?.primaries ?? null,
    exif: exif ? readExif(allBytes(buf, exif)) : null,
  };
}

function findMeta(buf: Buffer): Box {
  for (let box = readBox(buf, 0, buf.length); box; box = readBox(buf, box.to, buf.length)) {
    if (box.type === 'meta') return box;
  }
  throw damaged('it has no meta box');
}

/** The bytes before the TIFF structure are counted at the start (ISO/IEC 23008-12 annex A.2.1). */
function readExif(data: Buffer): Buffer | null {
  return data.length < 4 ? null : data.subarray(4 + data.readUInt32BE(0));
}
