import { refusePolyglot } from './foreign.ts';
import { parseAvif, parseHeic } from './heif.ts';
import { parseJpeg } from './jpeg.ts';
import { parsePng } from './png.ts';
import { nameKind, sniffFormat } from './sniff.ts';
import {
  type ImageFormat,
  type InspectionCode,
  type InspectLimits,
  type Picture,
  Refusal,
} from './verdict.ts';
import { parseWebp } from './webp.ts';

export { type SniffedFormat, sniffFormat } from './sniff.ts';
export { type ImageFormat, INSPECTION_CODES, type InspectionCode, type InspectLimits } from './verdict.ts';

export const DEFAULT_INSPECT_LIMITS: InspectLimits = { maxBytes: 50 * 1024 * 1024, maxPixels: 100_000_000 };

/**
 * Width and height are as stored; `orientation` (EXIF 1..8) says how to turn them. For AVIF and HEIC it stands for
 * `irot` and `imir`, which decoders apply by themselves; the EXIF of such a file does not count.
 */
export type Inspection =
  | { ok: true; format: ImageFormat; contentType: string; width: number; height: number; orientation: number }
  | { ok: false; code: InspectionCode; message: string };

interface Format {
  readonly label: string;
  readonly contentType: string;
  readonly parse: (buf: Buffer, limits: InspectLimits) => Picture;
}

const FORMATS: Record<ImageFormat, Format> = {
  jpeg: { label: 'JPEG', contentType: 'image/jpeg', parse: parseJpeg },
  png: { label: 'PNG', contentType: 'image/png', parse: parsePng },
  webp: { label: 'WebP', contentType: 'image/webp', parse: parseWebp },
  avif: { label: 'AVIF', contentType: 'image/avif', parse: parseAvif },
  heic: { label: 'HEIC', contentType: 'image/heic', parse: parseHeic },
};

/**
 * Decides from the bytes alone whether a decoder may see them: one complete, still picture of an accepted format, of
 * acceptable size, with nothing foreign in the file. Decodes no pixel, never throws, and takes time linear in the file.
 * @param declaredContentType the type that the client announced; it must be the type of the bytes
 */
export function inspectImage(
  bytes: Uint8Array,
  declaredContentType: string,
  limits: InspectLimits = DEFAULT_INSPECT_LIMITS,
): Inspection {
  try {
    const buf = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    refuseLength(buf, limits);
    const format = acceptFormat(buf);
    const { label, contentType, parse } = FORMATS[format];
    refuseMismatch(declaredContentType, label, contentType);
    refusePolyglot(buf, label);
    const { width, height, orientation } = parse(buf, limits);
    return { ok: true, format, contentType, width, height, orientation };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ok: false, code: error.code, message: error.message };
  }
}

function refuseLength(buf: Buffer, { maxBytes }: InspectLimits): void {
  if (buf.length === 0) throw new Refusal('file_empty', 'The file is empty. Export the photo again.');
  if (buf.length > maxBytes) {
    throw new Refusal(
      'file_too_large',
      `The file has ${buf.length} bytes; at most ${maxBytes} are accepted. Export it smaller.`,
    );
  }
}

function acceptFormat(buf: Buffer): ImageFormat {
  const format = sniffFormat(buf);
  switch (format) {
    case 'jpeg':
    case 'png':
    case 'webp':
    case 'avif':
    case 'heic':
      return format;
    default:
      throw new Refusal(
        'unsupported_format',
        `The file is ${nameKind(buf) ?? 'of an unknown kind'}; JPEG, PNG, WebP, AVIF and HEIC are accepted. ` +
          'Export the photo as JPEG.',
      );
  }
}

/** The unregistered name that many tools write, and the one of the container without its compression. */
const SYNONYMS: Readonly<Record<string, string>> = { 'image/jpg': 'image/jpeg', 'image/heif': 'image/heic' };

function refuseMismatch(declared: string, label: string, contentType: string): void {
  const type = (declared.split(';', 1)[0] ?? '').trim().toLowerCase();
  const known = SYNONYMS[type] ?? type;
  if (known === contentType) return;
  throw new Refusal(
    'content_type_mismatch',
    `The file was announced as ${type.slice(0, 100) || '(no type)'}, but its bytes are ${label}. Announce it as ${contentType}.`,
  );
}
