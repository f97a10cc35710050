import { nameKind } from './sniff.ts';
import { polyglot } from './verdict.ts';

const ZEROS = Buffer.alloc(64 * 1024);
const SLICE = 64 * 1024;
/** Longest pattern of HOSTILE less one, so that a match across two slices is seen. */
const OVERLAP = 16;
/**
 * What turns metadata into a page, a program or an archive when something else than an image decoder reads the file.
 * At least five fixed bytes each: embedded thumbnails and colour profiles hold any three or four by chance.
 */
const HOSTILE: readonly (readonly [RegExp, string])[] = [
  [/<\?php/i, 'PHP code'],
  [/<script/i, 'a script'],
  [/<(?:html|iframe|!doctype)/i, 'an HTML page'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the signature of RAR has them
  [/Rar!\x1a\x07/, 'a RAR archive'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the signature of 7z has them
  [/7z\xbc\xaf'\x1c/, 'a 7z archive'],
];
// One alternation decides the common case in a single pass.
const ANY_HOSTILE = new RegExp(HOSTILE.map(([pattern]) => pattern.source).join('|'), 'i');

/** Refuses markup, code and archives in bytes that are text or metadata. Never for compressed picture data. */
export function refuseHostile(buf: Buffer, from: number, to: number, format: string, where: string): void {
  for (let pos = from; pos < to; pos += SLICE) {
    const text = buf.toString('latin1', Math.max(from, pos - OVERLAP), Math.min(to, pos + SLICE));
    if (!ANY_HOSTILE.test(text)) continue;
    const found = HOSTILE.find(([pattern]) => pattern.test(text));
    if (found) throw polyglot(format, `${found[1]} in ${where}`);
  }
}

/** First byte from `from` that is not zero, or `to`. */
export function skipZeros(buf: Buffer, from: number, to: number): number {
  let pos = from;
  while (pos < to) {
    const end = Math.min(to, pos + ZEROS.length);
    if (buf.compare(ZEROS, 0, end - pos, pos, end) !== 0) break;
    pos = end;
  }
  while (pos < to && buf[pos] === 0) pos++;
  return pos;
}

/** Zero padding may follow a picture (cameras and file systems round up); nothing else may. */
export function refuseTrailing(buf: Buffer, from: number, format: string): void {
  const pos = skipZeros(buf, from, buf.length);
  if (pos < buf.length) throw polyglot(format, `${describeTail(buf, pos)} after its end`);
}

/** Length and, where it is known, kind of the bytes from `from` to the end of the file. */
export function describeTail(buf: Buffer, from: number): string {
  const kind = nameKind(buf.subarray(from));
  const size = `${buf.length - from} bytes`;
  return kind ? `${kind} (${size})` : `${size} of other data`;
}

/** Kinds that their readers find at a fixed place, whatever stands before: POSIX tar, ISO 9660. */
const FIXED = [
  { offset: 257, signature: 'ustar', name: 'a tar archive' },
  { offset: 0x8001, signature: 'CD001', name: 'a disc image' },
] as const;

/** Readers of PDF look for their header in this many bytes (ISO 32000-1 annex H.3.4.1). */
const PDF_WINDOW = 1024;

/** Refuses files that are also a document or an archive to readers that do not start at the first byte. */
export function refusePolyglot(buf: Buffer, format: string): void {
  if (buf.subarray(0, PDF_WINDOW).includes('%PDF-'))
    throw polyglot(format, 'a PDF header in its first bytes');
  for (const { offset, signature, name } of FIXED) {
    if (buf.toString('latin1', offset, offset + signature.length) === signature) throw polyglot(format, name);
  }
  if (hasZipDirectory(buf)) throw polyglot(format, 'a ZIP archive');
}

/** Fixed part of the end-of-central-directory record, in bytes; a comment of up to 65,535 follows. */
const EOCD_BYTES = 22;
const EOCD = Buffer.from('PK\x05\x06', 'latin1');

/**
 * Readers of ZIP search the file's end for the end-of-central-directory record (APPNOTE 4.3.16) and go from there.
 * Four bytes come up by chance in compressed data, so a record counts when its directory is where it says.
 */
function hasZipDirectory(buf: Buffer): boolean {
  const first = Math.max(0, buf.length - EOCD_BYTES - 0xffff);
  for (let pos = buf.indexOf(EOCD, first); pos >= 0; pos = buf.indexOf(EOCD, pos + EOCD.length)) {
    if (pos + EOCD_BYTES > buf.length) return false;
    const directory = pos - buf.readUInt32LE(pos + 12);
    if (
      directory >= 0 &&
      directory < pos &&
      buf.toString('latin1', directory, directory + 4) === 'PK\x01\x02'
    )
      return true;
    // ZIP64 (APPNOTE 4.3.15): a locator of 20 bytes stands before the record.
    if (pos >= 20 && buf.toString('latin1', pos - 20, pos - 16) === 'PK\x06\x07') return true;
  }
  return false;
}
