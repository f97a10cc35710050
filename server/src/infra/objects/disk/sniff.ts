/** Bytes of an object that tell its type. */
export const SNIFF_BYTES = 32;

/**
 * Media type by the first bytes. A plain file has no place for the type that its writer named, and what the
 * bytes are is the better answer: a page that calls itself a picture is served as neither.
 */
export function sniffType(head: Buffer): string {
  const text = head.toString('latin1');
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'image/webp';
  if (text.slice(4, 8) === 'ftyp' && /avi[fs]/.test(text.slice(8))) return 'image/avif';
  if (text.slice(4, 8) === 'ftyp' && /hei[cx]|mif1/.test(text.slice(8))) return 'image/heic';
  return /^\s*[[{]/.test(text) ? 'application/json' : 'application/octet-stream';
}
