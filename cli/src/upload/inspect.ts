import { open } from 'node:fs/promises';
import { formatBytes } from '../io/text.ts';
import type { FoundFile } from './expand.ts';

export interface UploadLimits {
  readonly contentTypes: readonly string[];
  readonly maxBytes: number;
}

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

export type Verdict =
  | { readonly ok: true; readonly file: FoundFile; readonly contentType: string }
  | { readonly ok: false; readonly file: FoundFile; readonly refusal: Refusal };

/** Files that are open at the same time. */
const AT_ONCE = 16;
/** Bytes that tell what a picture is. */
const HEAD = 32;

/** Looks at the first bytes of each file; what the API would refuse for sure is refused here, unsent. */
export async function inspectFiles(files: readonly FoundFile[], limits: UploadLimits): Promise<Verdict[]> {
  const verdicts: Verdict[] = new Array(files.length);
  let next = 0;
  const work = async () => {
    for (let at = next++; at < files.length; at = next++) {
      const file = files[at];
      if (file) verdicts[at] = await inspect(file, limits);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return verdicts;
}

async function inspect(file: FoundFile, limits: UploadLimits): Promise<Verdict> {
  let head: Buffer;
  try {
    head = await readHead(file.path);
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return {
      ok: false,
      file,
      refusal: { code: 'unreadable', message: `cannot be read (${why})`, hint: 'Check the rights of the file.' },
    };
  }
  const contentType = sniff(head);
  const refusal = judge({ size: file.size, contentType }, limits);
  if (refusal) return { ok: false, file, refusal };
  return { ok: true, file, contentType };
}

async function readHead(path: string): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Why a file of this size and type is not taken; undefined when nothing speaks against it. */
export function judge(
  { size, contentType }: { readonly size: number; readonly contentType: string },
  limits: UploadLimits,
): Refusal | undefined {
  if (size === 0) return { code: 'file_empty', message: 'is empty', hint: 'Copy it from the camera again.' };
  if (!limits.contentTypes.includes(contentType)) {
    const taken = limits.contentTypes.map((type) => type.replace('image/', '').toUpperCase()).join(', ');
    const what = contentType === UNKNOWN ? 'is not a picture that is known here' : `is ${contentType}, which is not taken`;
    return { code: 'type_not_supported', message: what, hint: `Save it as one of ${taken}.` };
  }
  if (size > limits.maxBytes) {
    return {
      code: 'file_too_large',
      message: `has ${formatBytes(size)}, more than ${formatBytes(limits.maxBytes)}`,
      hint: 'Save it smaller or with a higher compression.',
    };
  }
  return undefined;
}

const UNKNOWN = 'application/octet-stream';

/** Major brands of ISO base media files (ISO/IEC 23008-12 section 10) by what they hold. */
const BRANDS: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  avis: 'image/avif',
  heic: 'image/heic',
  heix: 'image/heic',
  hevc: 'image/heic',
  mif1: 'image/heif',
  msf1: 'image/heif',
};

/** The media type that the first bytes speak of, whatever the file is called. */
export function sniff(head: Buffer): string {
  const at = (from: number, to: number) => head.toString('latin1', from, to);
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return 'image/jpeg';
  if (at(0, 8) === '\u0089PNG\r\n\u001a\n') return 'image/png';
  if (at(0, 4) === 'RIFF' && at(8, 12) === 'WEBP') return 'image/webp';
  if (at(4, 8) === 'ftyp') return sniffBrands(head);
  if (at(0, 4) === 'GIF8') return 'image/gif';
  if (at(0, 4) === 'II*\0' || at(0, 4) === 'MM\0*') return 'image/tiff';
  if (at(0, 2) === 'BM') return 'image/bmp';
  return UNKNOWN;
}

/** Some writers put `mif1` first and the real one among the compatible brands. */
function sniffBrands(head: Buffer): string {
  const brands = [head.toString('latin1', 8, 12)];
  for (let at = 16; at + 4 <= head.length; at += 4) brands.push(head.toString('latin1', at, at + 4));
  const types = brands.flatMap((brand) => BRANDS[brand] ?? []);
  return types.find((type) => type === 'image/avif') ?? types[0] ?? UNKNOWN;
}
