import type { FileHandle } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type ObjectRef, ObjectStoreError, type Objects } from '../../../ports/index.ts';
import { signedUpload, uploadHeaders } from '../uploadHeaders.ts';
import { toStoreError } from './errors.ts';
import { moveExactly, removeExactly } from './exactly.ts';
import { type DiskFiles, type Draft, openDiskFiles } from './files.ts';
import { isBucket, pathOf } from './keys.ts';
import { listDrafts, removeDraft } from './leftovers.ts';
import { listKeys } from './list.ts';
import { openFile, openObject } from './reader.ts';
import { nonEmpty, sign, signedDownload } from './signing.ts';
import { toUrl } from './urls.ts';

export interface DiskObjectsOptions {
  /** Folder of the store: one plain file per object, to be looked at, copied and backed up as it is. */
  readonly root: string;
  /** Address under which clients reach the handler, without `/objects`. */
  readonly publicUrl: string;
  readonly secrets: readonly string[];
  /** What crashed writers left behind is removed at the begin, unless it is this that is looked for. */
  readonly keepDrafts?: boolean;
}

export interface DiskObjects extends Objects {
  /** For the HTTP handler, which writes and reads in pieces. */
  readonly files: DiskFiles;
}

/** Bytes of one read: each is a turn of the thread pool. */
export const READ_CHUNK = 512 * 1024;

/**
 * The pixel store as a folder. Media types are told from the bytes. Keys are of a-z, 0-9, `_`, `.` and `-`, and no
 * key can be the folder of another. An aborted signal rejects with its own reason, not with `ObjectStoreError`.
 * @throws ObjectStoreError when the folder cannot be used
 */
export function createDiskObjects(options: DiskObjectsOptions): DiskObjects {
  const root = resolve(options.root);
  const secrets = nonEmpty(options.secrets);
  const files = openFiles(root, options.keepDrafts);
  const at = (ref: ObjectRef) => pathOf(root, ref);

  async function store(ref: ObjectRef, fill: () => Promise<Draft>, signal?: AbortSignal): Promise<void> {
    const path = at(ref);
    signal?.throwIfAborted();
    const draft = await fill();
    try {
      signal?.throwIfAborted();
      await draft.publish(path);
    } finally {
      await draft.discard();
    }
  }

  async function draftOf(body: Buffer): Promise<Draft> {
    const draft = await files.createDraft();
    try {
      await draft.handle.writeFile(body);
      return draft;
    } catch (error) {
      await draft.discard();
      throw error;
    }
  }

  return {
    files,

    async presignPut(request) {
      at(request.ref);
      const put = signedUpload(request);
      const claim = { ...request.ref, expires: toSeconds(request.expiresAt), put };
      return { url: toUrl(options.publicUrl, claim, sign(secrets, claim)), headers: uploadHeaders(put) };
    },

    async presignGet(request) {
      at(request.ref);
      const claim = { ...request.ref, expires: toSeconds(request.expiresAt), get: signedDownload(request) };
      return toUrl(options.publicUrl, claim, sign(secrets, claim));
    },

    stat: (ref, signal) =>
      guarded(signal, async () => {
        const found = await openObject(at(ref));
        await found?.handle.close();
        return found?.info;
      }),

    read: (ref, signal) =>
      guarded(signal, async () => {
        const found = await openObject(at(ref));
        if (!found) return undefined;
        try {
          const bytes = Buffer.allocUnsafeSlow(found.info.size);
          await fill(bytes, found.handle, bytes.length, signal);
          return bytes;
        } finally {
          await found.handle.close();
        }
      }),

    readInto: (ref, into, signal) =>
      guarded(signal, async () => {
        const handle = await openFile(at(ref));
        if (!handle) return undefined;
        try {
          const stat = await handle.stat();
          if (!stat.isFile()) return undefined;
          await fill(into, handle, Math.min(stat.size, into.length), signal);
          return stat.size;
        } finally {
          await handle.close();
        }
      }),

    open: (ref, signal) =>
      guarded(signal, async () => {
        const found = await openObject(at(ref));
        if (!found) return undefined;
        // A buffer of that size is made for each read: a small object needs a small one.
        const highWaterMark = Math.max(1, Math.min(READ_CHUNK, found.info.size));
        // The position is given: it also tells the stream to begin at the first byte.
        return found.handle.createReadStream({ start: 0, highWaterMark, signal });
      }),

    write: (ref, body, _contentType, signal) =>
      guarded(signal, () => store(ref, () => draftOf(body), signal)),

    writeFile: (ref, path, _contentType, signal) =>
      guarded(signal, () => store(ref, () => files.copyToDraft(path), signal)),

    move: (from, to) => guarded(undefined, () => files.move(at(from), at(to))),
    remove: (ref) => guarded(undefined, () => files.remove(at(ref))),

    moveExactly: (from, to, etag) => guarded(undefined, () => moveExactly(files, at(from), at(to), etag)),
    removeExactly: (ref, etag) => guarded(undefined, () => removeExactly(files, at(ref), etag)),

    async *list(bucket, options = {}) {
      if (!isBucket(bucket))
        throw new ObjectStoreError('denied', `There is no bucket ${JSON.stringify(bucket)}.`);
      try {
        yield* listKeys({ path: join(root, bucket), scratch: files.drafts }, options);
      } catch (error) {
        throw toStoreError(error, options.signal);
      }
    },

    async *listLeftovers(bucket) {
      // A draft does not know its bucket yet; they all count as what clients send.
      if (bucket === 'uploads') yield await guarded(undefined, () => listDrafts(files));
    },

    removeLeftover: ({ id }) => guarded(undefined, () => removeDraft(files, id)),

    check: (signal) => guarded(signal, () => files.check()),
  };
}

function openFiles(root: string, keepDrafts: boolean | undefined): DiskFiles {
  try {
    return openDiskFiles(root, keepDrafts);
  } catch (error) {
    throw toStoreError(error);
  }
}

async function guarded<T>(signal: AbortSignal | undefined, run: () => Promise<T>): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await run();
  } catch (error) {
    throw toStoreError(error, signal);
  }
}

async function fill(
  bytes: Buffer,
  handle: FileHandle,
  size: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (let position = 0; position < size; ) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(bytes, position, size - position, position);
    if (bytesRead === 0) throw new Error(`the file ended at ${position} of ${size} bytes`);
    position += bytesRead;
  }
}

function toSeconds(date: Date): number {
  return Math.floor(date.getTime() / 1000);
}
