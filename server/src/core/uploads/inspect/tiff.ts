/** Tags of TIFF 6.0, TIFF/EP (ISO 12234-2) and DNG. */
const NEW_SUBFILE_TYPE = 0x00fe;
const SUB_IFDS = 0x014a;
const DNG_VERSION = 0xc612;
/** First directories of real files hold a few dozen entries. */
const MAX_ENTRIES = 512;

/**
 * Names a file that starts as a TIFF does, with an article. Camera raws are TIFF by their structure: their first
 * directory describes a small preview and points to the raw data.
 */
export function nameTiff(head: Buffer): string {
  const order = head.toString('latin1', 0, 4);
  if (order === 'II+\0' || order === 'MM\0+') return 'a BigTIFF picture';
  if (order !== 'II*\0' && order !== 'MM\0*') return 'a camera raw';
  if (head.toString('latin1', 8, 10) === 'CR') return 'a Canon CR2 camera raw';
  const tags = readTags(head, order === 'II*\0');
  if (tags.has(DNG_VERSION)) return 'a DNG camera raw';
  const isPreview = ((tags.get(NEW_SUBFILE_TYPE) ?? 0) & 1) === 1;
  if (isPreview && tags.has(SUB_IFDS)) return 'a camera raw';
  return tags.size > 0 ? 'a TIFF picture' : 'a TIFF picture or a camera raw';
}

/** Tags of the first directory with their values, as far as the head shows them; values are right for single numbers. */
function readTags(head: Buffer, little: boolean): Map<number, number> {
  const u16 = (at: number) => (little ? head.readUInt16LE(at) : head.readUInt16BE(at));
  const u32 = (at: number) => (little ? head.readUInt32LE(at) : head.readUInt32BE(at));
  const tags = new Map<number, number>();
  if (head.length < 8) return tags;
  const start = u32(4);
  if (start + 2 > head.length) return tags;
  const count = Math.min(u16(start), MAX_ENTRIES);
  for (let i = 0; i < count; i++) {
    const entry = start + 2 + 12 * i;
    if (entry + 12 > head.length) break;
    tags.set(u16(entry), u16(entry + 2) === 3 ? u16(entry + 8) : u32(entry + 8));
  }
  return tags;
}
