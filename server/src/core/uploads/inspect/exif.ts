const ORIENTATION = 0x0112;
const SHORT = 3;
/** IFD0 of real files holds a few dozen entries. */
const MAX_ENTRIES = 512;

/**
 * Orientation 1..8 from a TIFF structure (EXIF 2.32 section 4.6.4) within [from, to), after an optional "Exif\0\0".
 * Metadata that cannot be read is no reason to refuse a photo: 1, upright, is the answer then.
 */
export function readOrientation(buf: Buffer, from: number, to: number): number {
  const start = buf.toString('latin1', from, Math.min(to, from + 6)) === 'Exif\0\0' ? from + 6 : from;
  if (start + 8 > to) return 1;
  const order = buf.toString('latin1', start, start + 4);
  if (order !== 'II*\0' && order !== 'MM\0*') return 1;
  const little = order === 'II*\0';
  const u16 = (pos: number) => (little ? buf.readUInt16LE(pos) : buf.readUInt16BE(pos));
  const ifd = start + (little ? buf.readUInt32LE(start + 4) : buf.readUInt32BE(start + 4));
  if (ifd + 2 > to) return 1;
  const entries = Math.min(u16(ifd), MAX_ENTRIES);
  for (let entry = ifd + 2, i = 0; i < entries && entry + 12 <= to; i++, entry += 12) {
    if (u16(entry) !== ORIENTATION) continue;
    const value = u16(entry + 8);
    return u16(entry + 2) === SHORT && value >= 1 && value <= 8 ? value : 1;
  }
  return 1;
}
