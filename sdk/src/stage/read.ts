import { StagerError } from '../core/errors.ts';
import type { Photo } from '../files/discover.ts';
import { readHead } from '../files/discover.ts';
import type { Hasher } from '../files/hasher.ts';
import { hashFile, readInto } from '../files/read.ts';
import { checkLocalFile, type UploadLimits } from './check.ts';
import type { Slab, Slabs } from './slabs.ts';
import type { StageError } from './types.ts';

export type ReadPhoto =
  | { readonly ok: false; readonly error: StageError }
  | {
      readonly ok: true;
      readonly sha256: string;
      readonly size: number;
      readonly contentType: string;
      /** On a slab, to be given back; undefined when the photo has to be read again. */
      readonly bytes: Slab | undefined;
    };

/** What the photos of a run share. */
export interface Reading {
  readonly slabs: Slabs;
  readonly hasher: Hasher;
}

/**
 * Checks a photo by its size and first bytes, and hashes it; keeps it, after a wait for memory, unless it is too big.
 * @throws AbortError
 */
export async function readPhoto(
  photo: Photo,
  limits: UploadLimits,
  reading: Reading,
  signal: AbortSignal,
): Promise<ReadPhoto> {
  try {
    if (photo.bytes) return await judge(photo.bytes, photo.size, limits, hashBytes);
    if (photo.path === undefined) throw new TypeError('a photo has a path or bytes');
    return await readFile(photo.path, photo.size, limits, reading, signal);
  } catch (error) {
    if (StagerError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      error: { code: 'file_unreadable', message: `The file cannot be read: ${reason}.`, retryable: true },
    };
  }
}

/** @param size bytes of the file when it was found */
async function readFile(
  path: string,
  size: number,
  limits: UploadLimits,
  { slabs, hasher }: Reading,
  signal: AbortSignal,
): Promise<ReadPhoto> {
  const slab = size <= limits.maxBytes ? await slabs.take(size, signal) : undefined;
  let kept = false;
  try {
    // It may have grown or shrunk since it was found; then it is read as if there were no memory for it.
    if (slab && (await readInto(path, slab)) === size) {
      const bytes = slab.subarray(0, size);
      const read = await judge(bytes, size, limits, () => hasher.hash(bytes));
      kept = read.ok;
      return read.ok ? { ...read, bytes } : read;
    }
    const head = await readHead(path);
    const check = checkLocalFile(head, size, limits);
    return check.ok ? { ...check, ...(await hashFile(path)), bytes: undefined } : check;
  } finally {
    if (slab && !kept) slabs.give(slab);
  }
}

async function judge(
  bytes: Uint8Array,
  size: number,
  limits: UploadLimits,
  hash: (bytes: Uint8Array) => string | Promise<string>,
): Promise<ReadPhoto> {
  const check = checkLocalFile(bytes, size, limits);
  return check.ok ? { ...check, sha256: await hash(bytes), size, bytes: undefined } : check;
}

/** Bytes of the caller's own may come from anywhere, and so may the caller: this works in every runtime. */
async function hashBytes(bytes: Uint8Array): Promise<string> {
  // WebCrypto takes no shared memory, and nobody hands us any.
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
