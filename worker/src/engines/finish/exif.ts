import readExif from 'exif-reader';

/** The EXIF of a finished photo, as sharp takes it: IFD0 describes the image, IFD2 is the Exif directory. */
export interface KeptExif {
  readonly IFD0: Record<string, string>;
  readonly IFD2: Record<string, string>;
}

type Tags = Readonly<Record<string, unknown>>;

const TEXT_MAX = 64;
/** What people write, longer than the name of a camera. */
const WORDS_MAX = 512;
/** EXIF 2.3 section 4.6.5: sRGB, and "uncalibrated" for every other space. */
const COLOR_SPACE_SRGB = '1';
const COLOR_SPACE_OTHER = '65535';

/**
 * Keeps what tells how the photo was taken, what it shows and whose work it is. Everything else goes, because it is not on
 * the list: location, maker notes, serial numbers, the camera's owner, comments, thumbnails. Unreadable EXIF keeps nothing.
 */
export function keepExif(exif: Buffer | undefined, otherProfile: boolean): KeptExif {
  const { image, photo } = parse(exif);
  return {
    IFD0: defined({
      ImageDescription: words(image['ImageDescription']),
      Make: text(image['Make']),
      Model: text(image['Model']),
      Artist: words(image['Artist']),
      Copyright: words(image['Copyright']),
    }),
    IFD2: defined({
      DateTimeOriginal: dateTime(photo['DateTimeOriginal']),
      ExposureTime: exposureTime(photo['ExposureTime']),
      FNumber: rational(photo['FNumber'], 10),
      ISOSpeedRatings: whole(photo['ISOSpeedRatings']),
      ExposureBiasValue: rational(photo['ExposureBiasValue'], 100),
      FocalLength: rational(photo['FocalLength'], 100),
      FocalLengthIn35mmFilm: whole(photo['FocalLengthIn35mmFilm']),
      LensMake: text(photo['LensMake']),
      LensModel: text(photo['LensModel']),
      ColorSpace: otherProfile ? COLOR_SPACE_OTHER : COLOR_SPACE_SRGB,
    }),
  };
}

function parse(exif: Buffer | undefined): { image: Tags; photo: Tags } {
  if (!exif) return { image: {}, photo: {} };
  try {
    const { Image: image, Photo: photo } = readExif(exif);
    // A damaged directory is null, against the reader's types.
    return { image: image ?? {}, photo: photo ?? {} };
  } catch {
    return { image: {}, photo: {} };
  }
}

function defined(tags: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(Object.entries(tags).filter((tag): tag is [string, string] => tag[1] !== null));
}

/** EXIF text is ASCII (section 4.6.2). */
function text(value: unknown, most = TEXT_MAX): string | null {
  if (typeof value !== 'string') return null;
  const printable = value
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, most);
  return printable === '' ? null : printable;
}

/**
 * Programs write names and descriptions in UTF-8 or Latin-1 nevertheless, which the reader hands over as bytes: letters lose
 * their accents. A copyright may have two parts with a zero between (section 4.6.4).
 */
function words(value: unknown): string | null {
  const written = Buffer.isBuffer(value) ? decoded(value) : value;
  if (typeof written !== 'string') return null;
  const lettered = written.normalize('NFKD').replaceAll('\u00a9', '(c)').replaceAll('\u00df', 'ss');
  return text(lettered.replace(/\0+$/, '').replaceAll('\0', '; ').replaceAll(/\s+/g, ' '), WORDS_MAX);
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

function finite(value: unknown): number | null {
  const single: unknown = Array.isArray(value) ? value[0] : value;
  return typeof single === 'number' && Number.isFinite(single) ? single : null;
}

function whole(value: unknown): string | null {
  const number = finite(value);
  return number === null || number < 0 || number > 65_535 ? null : String(Math.round(number));
}

function rational(value: unknown, denominator: number): string | null {
  const number = finite(value);
  if (number === null || Math.abs(number) > 1e6) return null;
  return `${Math.round(number * denominator)}/${denominator}`;
}

/** Seconds; the usual 1/60 stays 1/60. */
function exposureTime(value: unknown): string | null {
  const seconds = finite(value);
  if (seconds === null || seconds <= 0 || seconds > 3600) return null;
  return seconds < 0.3 ? `1/${Math.min(Math.round(1 / seconds), 1_000_000)}` : rational(seconds, 10);
}

/** The reader gives the camera's wall clock as if it were UTC. */
function dateTime(value: unknown): string | null {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) return null;
  const year = value.getUTCFullYear();
  if (year < 1826 || year > 9999) return null;
  return value.toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');
}
