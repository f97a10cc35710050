import { nameTiff } from './tiff.ts';

export type SniffedFormat =
  | 'jpeg'
  | 'png'
  | 'webp'
  | 'avif'
  | 'heic'
  | 'svg'
  | 'gif'
  | 'tiff'
  | 'pdf'
  | 'zip'
  | 'html'
  | 'unknown';

interface Kind {
  readonly format: SniffedFormat;
  /** With an article, as it stands in a message. */
  readonly name: string | ((head: Buffer) => string);
  readonly matches: (head: Buffer) => boolean;
}

const HEIC_BRANDS = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs', 'mif1', 'msf1'];
/** Bytes that suffice to recognise every kind; markup may follow a long comment. */
export const SNIFF_BYTES = 4096;

/** The first match names the file, so the narrow stand above the wide. */
const KINDS: readonly Kind[] = [
  { format: 'jpeg', name: 'a JPEG picture', matches: startsWith('\xff\xd8\xff') },
  { format: 'png', name: 'a PNG picture', matches: startsWith('\x89PNG\r\n\x1a\n') },
  {
    format: 'webp',
    name: 'a WebP picture',
    matches: (head) => startsWith('RIFF')(head) && at(head, 8, 'WEBP'),
  },
  { format: 'avif', name: 'an AVIF picture', matches: hasBrand(['avif', 'avis']) },
  { format: 'heic', name: 'a HEIC picture', matches: hasBrand(HEIC_BRANDS) },
  { format: 'unknown', name: 'a Canon CR3 camera raw', matches: hasBrand(['crx ']) },
  { format: 'unknown', name: 'a video or another ISO media file', matches: (head) => at(head, 4, 'ftyp') },
  { format: 'gif', name: 'a GIF picture', matches: startsWith('GIF87a', 'GIF89a') },
  {
    format: 'tiff',
    name: nameTiff,
    matches: startsWith('II*\0', 'MM\0*', 'II+\0', 'MM\0+', 'IIU\0', 'IIRO', 'IIRS', 'MMOR'),
  },
  { format: 'unknown', name: 'a Fujifilm camera raw', matches: startsWith('FUJIFILMCCD-RAW') },
  { format: 'unknown', name: 'a Photoshop document', matches: startsWith('8BPS\0') },
  { format: 'unknown', name: 'a JPEG XL picture', matches: startsWith('\xff\x0a', '\0\0\0\x0cJXL ') },
  {
    format: 'unknown',
    name: 'a JPEG 2000 picture',
    matches: startsWith('\0\0\0\x0cjP  ', '\xff\x4f\xff\x51'),
  },
  { format: 'zip', name: 'a ZIP archive', matches: startsWith('PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08') },
  { format: 'unknown', name: 'a RAR archive', matches: startsWith('Rar!\x1a\x07') },
  { format: 'unknown', name: 'a 7z archive', matches: startsWith("7z\xbc\xaf'\x1c") },
  { format: 'unknown', name: 'a gzip archive', matches: startsWith('\x1f\x8b\x08') },
  { format: 'unknown', name: 'an ELF program', matches: startsWith('\x7fELF') },
  { format: 'unknown', name: 'a script', matches: startsWith('#!') },
  { format: 'unknown', name: 'a PHP script', matches: (head) => /^<\?(?:php|=)/i.test(readText(head)) },
  { format: 'svg', name: 'an SVG drawing', matches: isSvg },
  {
    format: 'html',
    name: 'an HTML page',
    matches: (head) => /^<(?:!doctype html|html|head|body|script|title|iframe)\b/i.test(readText(head)),
  },
  { format: 'pdf', name: 'a PDF document', matches: (head) => head.subarray(0, 1024).includes('%PDF-') },
  {
    format: 'unknown',
    name: 'a BMP picture',
    matches: (head) => startsWith('BM')(head) && at(head, 6, '\0\0\0\0'),
  },
  { format: 'unknown', name: 'a Windows program', matches: startsWith('MZ') },
];

function startsWith(...signatures: string[]): (head: Buffer) => boolean {
  const bytes = signatures.map((signature) => Buffer.from(signature, 'latin1'));
  return (head) => bytes.some((signature) => head.subarray(0, signature.length).equals(signature));
}

function at(head: Buffer, offset: number, text: string): boolean {
  return head.toString('latin1', offset, offset + text.length) === text;
}

/** Major and compatible brands of an ISO media file (ISO/IEC 14496-12 section 4.3), as far as the head shows them. */
export function readBrands(head: Buffer): string[] {
  if (!at(head, 4, 'ftyp')) return [];
  const end = Math.min(head.readUInt32BE(0), head.length, SNIFF_BYTES);
  const brands = end >= 12 ? [head.toString('latin1', 8, 12)] : [];
  for (let pos = 16; pos + 4 <= end; pos += 4) brands.push(head.toString('latin1', pos, pos + 4));
  return brands;
}

function hasBrand(wanted: readonly string[]): (head: Buffer) => boolean {
  return (head) => readBrands(head).some((brand) => wanted.includes(brand));
}

/** The head as text, without byte order mark and leading space: browsers look past both. */
function readText(head: Buffer): string {
  const isUtf16 = head[0] === 0xff && head[1] === 0xfe;
  return head
    .toString(isUtf16 ? 'utf16le' : 'latin1', 0, SNIFF_BYTES)
    .replace(/^(?:\u{feff}|\xef\xbb\xbf)/u, '')
    .trimStart();
}

function isSvg(head: Buffer): boolean {
  const text = readText(head);
  return (
    /^<svg[\s/>]/i.test(text) || (/^<(?:\?xml|!--|!doctype svg)/i.test(text) && /<svg[\s/>]/i.test(text))
  );
}

function viewHead(head: Uint8Array): Buffer {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, SNIFF_BYTES));
}

/** What a file is by its first bytes (4,096 suffice). Says nothing about whether the rest is sound. */
export function sniffFormat(head: Uint8Array): SniffedFormat {
  const view = viewHead(head);
  return KINDS.find((kind) => kind.matches(view))?.format ?? 'unknown';
}

/** Names the kind of the bytes with an article, for messages; null when it is not known. */
export function nameKind(head: Uint8Array): string | null {
  const view = viewHead(head);
  const name = KINDS.find((kind) => kind.matches(view))?.name ?? null;
  return typeof name === 'function' ? name(view) : name;
}
