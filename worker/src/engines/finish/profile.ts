import { sharp } from '../sharp.ts';

/** Largest profile that is copied into the result; camera and display profiles have 0.5 to 600 kB. */
const SIZE_MAX = 1024 * 1024;
const HEADER = 128;
/** Tag table entries of real profiles number 10 to 30. */
const TAGS_MAX = 200;

export interface RgbProfile {
  readonly bytes: Buffer;
  /** What the profile calls itself, at most 80 characters. */
  readonly name: string;
}

/**
 * The embedded profile when it describes RGB and can be kept, else null (ICC.1:2022 section 7.2: size at 0,
 * colour space at 16, signature at 36). The caller then has the colours converted to sRGB.
 */
export function readRgbProfile(icc: Buffer | undefined): RgbProfile | null {
  if (!icc || icc.length < HEADER + 4 || icc.length > SIZE_MAX) return null;
  const signed = icc.toString('latin1', 36, 40) === 'acsp';
  const rgb = icc.toString('latin1', 16, 20) === 'RGB ';
  if (!signed || !rgb || icc.readUInt32BE(0) !== icc.length) return null;
  return { bytes: icc, name: readDescription(icc) ?? 'unnamed RGB profile' };
}

const JPEG_MARK = 'ICC_PROFILE\0';

/** Display P3 as a profile, for pictures that name it by number. The encoder brings it along; it fits one segment. */
export async function readDisplayP3(): Promise<RgbProfile | null> {
  const jpeg = await sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } })
    .withIccProfile('p3')
    .jpeg()
    .toBuffer();
  const at = jpeg.indexOf(JPEG_MARK, 0, 'latin1') + JPEG_MARK.length + 2;
  const profile = readRgbProfile(jpeg.subarray(at, at + jpeg.readUInt32BE(at)));
  return profile && { ...profile, name: 'Display P3' };
}

function readDescription(icc: Buffer): string | null {
  const count = Math.min(icc.readUInt32BE(HEADER), TAGS_MAX);
  for (let i = 0; i < count; i++) {
    const entry = HEADER + 4 + 12 * i;
    if (entry + 12 > icc.length) return null;
    if (icc.toString('latin1', entry, entry + 4) !== 'desc') continue;
    const offset = icc.readUInt32BE(entry + 4);
    const size = icc.readUInt32BE(entry + 8);
    return clean(readText(icc.subarray(offset, offset + size)));
  }
  return null;
}

/** `desc` (version 2, ASCII) or `mluc` (version 4, UTF-16BE, the first language). */
function readText(tag: Buffer): string {
  const type = tag.toString('latin1', 0, 4);
  if (type === 'desc' && tag.length >= 12) {
    return tag.toString('latin1', 12, 12 + tag.readUInt32BE(8));
  }
  if (type === 'mluc' && tag.length >= 28) {
    const length = tag.readUInt32BE(20);
    const offset = tag.readUInt32BE(24);
    const text = tag.subarray(offset, offset + length);
    return Buffer.from(text.subarray(0, text.length & ~1))
      .swap16()
      .toString('utf16le');
  }
  return '';
}

/** A name goes into answers and logs: printable characters only. */
function clean(text: string): string | null {
  const printable = text
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, 80);
  return printable === '' ? null : printable;
}
