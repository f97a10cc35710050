import { StagerError } from '../core/errors.ts';
import type { Photo } from '../files/discover.ts';
import { readHead } from '../files/discover.ts';
import { hashFile, hashNow, readBytes } from '../files/read.ts';
import type { MemoryBudget } from './budget.ts';
import { checkLocalFile, type UploadLimits } from './check.ts';
import type { StageError } from './types.ts';

/** Larger photos are hashed as they are read. */
const WHOLE_MAX = 64 * 1024 * 1024;

export type ReadPhoto =
  | { readonly ok: false; readonly error: StageError }
  | {
      readonly ok: true;
      readonly sha256: string;
      readonly size: number;
      readonly contentType: string;
      /** Taken from the budget; undefined when it has to be read again. */
      readonly bytes: Uint8Array | undefined;
    };

/** Checks a photo by its size and first bytes, and hashes it; keeps it when memory allows. */
export async function readPhoto(
  photo: Photo,
  limits: UploadLimits,
  budget: MemoryBudget,
): Promise<ReadPhoto> {
  try {
    const head = photo.bytes ?? (photo.path === undefined ? new Uint8Array() : await readHead(photo.path));
    const check = checkLocalFile(head, photo.size, limits);
    if (!check.ok) return check;
    return { ok: true, contentType: check.contentType, ...(await hashPhoto(photo, budget)) };
  } catch (error) {
    if (StagerError.isInstance(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    return {
      ok: false,
      error: { code: 'file_unreadable', message: `The file cannot be read: ${reason}.`, retryable: true },
    };
  }
}

async function hashPhoto({ path, bytes, size }: Photo, budget: MemoryBudget) {
  if (bytes) return { sha256: await hashBytes(bytes), size, bytes };
  if (path === undefined) throw new TypeError('a photo has a path or bytes');
  if (size > WHOLE_MAX || !budget.tryTake(size)) return { ...(await hashFile(path)), bytes: undefined };
  let kept: Uint8Array<ArrayBuffer> | undefined;
  try {
    kept = await readBytes(path);
    // Here and now: the way to the thread pool copies the bytes, which costs as much as the hash itself.
    const sha256 = hashNow(kept);
    // It may have grown or shrunk since it was found; the budget goes by what was found.
    if (kept.length === size) return { sha256, size, bytes: kept };
    const length = kept.length;
    kept = undefined;
    return { sha256, size: length, bytes: undefined };
  } finally {
    if (kept === undefined || kept.length !== size) budget.give(size);
  }
}

/** Bytes of the caller's own may come from anywhere, and so may the caller: this works in every runtime. */
async function hashBytes(bytes: Uint8Array): Promise<string> {
  // WebCrypto takes no shared memory, and nobody hands us any.
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
