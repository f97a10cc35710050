/** First bytes that suffice to recognise a file. */
export const SNIFF_BYTES = 512;

interface Kind {
  /** With an article, as it stands in a message. */
  readonly name: string;
  /** Undefined for what is no picture that an engine could take. */
  readonly contentType?: string;
  readonly matches: (head: string) => boolean;
}

const HEIC = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'mif1', 'msf1'];

/** The first match names the file. */
const KINDS: readonly Kind[] = [
  { name: 'a JPEG picture', contentType: 'image/jpeg', matches: starts('\xff\xd8\xff') },
  { name: 'a PNG picture', contentType: 'image/png', matches: starts('\x89PNG\r\n\x1a\n') },
  {
    name: 'a WebP picture',
    contentType: 'image/webp',
    matches: (head) => head.startsWith('RIFF') && head.startsWith('WEBP', 8),
  },
  { name: 'an AVIF picture', contentType: 'image/avif', matches: brand(['avif', 'avis']) },
  { name: 'a HEIC picture', contentType: 'image/heic', matches: brand(HEIC) },
  { name: 'a TIFF picture or a camera raw', contentType: 'image/tiff', matches: isTiffOrRaw },
  { name: 'a video or another media file', matches: (head) => head.startsWith('ftyp', 4) },
  { name: 'a GIF picture', contentType: 'image/gif', matches: starts('GIF87a', 'GIF89a') },
  { name: 'a PDF document', matches: starts('%PDF-') },
  { name: 'a ZIP archive', matches: starts('PK\x03\x04') },
  { name: 'an SVG drawing', matches: (head) => /^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/i.test(head) },
  { name: 'an HTML page', matches: (head) => /^\s*<(?:!doctype html|html|head|body)\b/i.test(head) },
];

function starts(...signatures: string[]): (head: string) => boolean {
  return (head) => signatures.some((signature) => head.startsWith(signature));
}

/** Raws are TIFF by their structure, but for those of newer Canon cameras and of Fujifilm. */
function isTiffOrRaw(head: string): boolean {
  return /^(?:II(?:[*+]\0|U\0|R[OS])|MM(?:\0[*+]|OR)|FUJIFILM)/.test(head) || brand(['crx '])(head);
}

/** Major and compatible brands of an ISO media file (ISO/IEC 14496-12 section 4.3). */
function brand(wanted: readonly string[]): (head: string) => boolean {
  return (head) => {
    if (!head.startsWith('ftyp', 4)) return false;
    const length = (head.charCodeAt(2) << 8) | head.charCodeAt(3);
    const brands = [head.slice(8, 12), ...(head.slice(16, length).match(/[\s\S]{4}/g) ?? [])];
    return brands.some((found) => wanted.includes(found));
  };
}

/** What a file is by its first bytes, whatever its name says; undefined when that is not known. */
export function sniff(
  head: Uint8Array,
): { readonly name: string; readonly contentType: string | undefined } | undefined {
  let text = '';
  for (const byte of head.subarray(0, SNIFF_BYTES)) text += String.fromCharCode(byte);
  const kind = KINDS.find(({ matches }) => matches(text));
  return kind && { name: kind.name, contentType: kind.contentType };
}
