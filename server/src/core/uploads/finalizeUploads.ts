import { hash } from 'node:crypto';
import type { FinalizedUpload } from '../../contract/index.ts';
import type { Caller, Clock, ObjectRef, Objects, OriginalRow, Store, UploadRow } from '../../ports/index.ts';
import { itemError } from '../errors.ts';
import { newId } from '../ids.ts';
import { type Inspection, inspectImage } from './inspect/index.ts';
import type { UploadLimits } from './limits.ts';
import { presentOriginal } from './present.ts';

export interface FinalizeDeps {
  readonly store: Store;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly limits: UploadLimits;
  /** Runs a task when memory for that many bytes is free, over all requests of the process. */
  readonly budget: <T>(bytes: number, task: () => Promise<T>) => Promise<T>;
}

interface Finalizer extends FinalizeDeps {
  readonly caller: Caller;
  readonly requestId: string;
}

/** One result per id, in order. Each upload is settled by itself, so that a repeat picks up where this one ended. */
export async function finalizeUploads(
  deps: FinalizeDeps,
  caller: Caller,
  requestId: string,
  uploadIds: readonly string[],
): Promise<FinalizedUpload[]> {
  const finalizer: Finalizer = { ...deps, caller, requestId };
  const rows = new Map(
    (await deps.store.read.uploads.getMany(caller.accountId, [...new Set(uploadIds)])).map((row) => [
      row.id,
      row,
    ]),
  );
  const settled = new Map<string, Promise<FinalizedUpload>>();
  return Promise.all(
    uploadIds.map((id) => {
      const running = settled.get(id) ?? finalizeOne(finalizer, id, rows.get(id));
      settled.set(id, running);
      return running;
    }),
  );
}

async function finalizeOne(
  f: Finalizer,
  uploadId: string,
  upload: UploadRow | undefined,
): Promise<FinalizedUpload> {
  if (!upload) {
    return { uploadId, ...itemError('not_found', `There is no upload ${uploadId} in this account.`) };
  }
  if (upload.state === 'ready' && upload.originalId) return answerReady(f, uploadId, upload.originalId);
  if (upload.state === 'rejected') {
    return {
      uploadId,
      ...itemError(upload.errorCode ?? 'image_corrupt', upload.errorMessage ?? 'The file was refused.'),
    };
  }
  return f.budget(upload.size, () => verifyAndKeep(f, upload));
}

async function verifyAndKeep(f: Finalizer, upload: UploadRow): Promise<FinalizedUpload> {
  const staged: ObjectRef = { bucket: 'uploads', key: upload.objectKey };
  const kept: ObjectRef = { bucket: 'photos', key: originalKey(f.caller.accountId, upload.sha256) };
  const bytes = await f.objects.read(staged);
  if (!bytes) return keepMoved(f, upload, kept);
  const seen = await verify(f, upload, bytes);
  if ('reason' in seen) return reject(f, upload, seen.reason, seen.message);
  if (!(await f.objects.move(staged, kept, seen.contentType))) return keepMoved(f, upload, kept);
  return keep(f, upload, originalFrom(upload, seen, kept.key));
}

/** A twin of this call, or one that was killed before its commit, has moved the object already: or nothing came. */
async function keepMoved(f: Finalizer, upload: UploadRow, kept: ObjectRef): Promise<FinalizedUpload> {
  const bytes = await f.objects.read(kept);
  const seen = bytes && (await verify(f, upload, bytes));
  if (seen && !('reason' in seen)) return keep(f, upload, originalFrom(upload, seen, kept.key));
  return {
    uploadId: upload.id,
    ...itemError(
      'upload_missing',
      'No bytes have arrived for this upload. Send them to its URL, then finalize.',
      true,
    ),
  };
}

type Verified = Extract<Inspection, { ok: true }> | { readonly reason: string; readonly message: string };

/** Looks at the stored bytes themselves: not at what was announced, nor at an ETag. Decodes nothing. */
async function verify(f: Finalizer, upload: UploadRow, bytes: Buffer): Promise<Verified> {
  if (bytes.length !== upload.size) {
    return {
      reason: 'size_mismatch',
      message: `${bytes.length} bytes arrived, ${upload.size} were announced.`,
    };
  }
  if ((await sha256(bytes)) !== upload.sha256) {
    return {
      reason: 'checksum_mismatch',
      message: 'The bytes that arrived do not have the announced SHA-256.',
    };
  }
  const seen = inspectImage(bytes, upload.contentType, f.limits);
  return seen.ok ? seen : { reason: seen.code, message: seen.message };
}

function originalFrom(upload: UploadRow, seen: Extract<Inspection, { ok: true }>, objectKey: string) {
  return {
    id: newId('org'),
    sha256: upload.sha256,
    size: upload.size,
    contentType: seen.contentType,
    width: seen.width,
    height: seen.height,
    objectKey,
  };
}

/** Content addressed per account: the same photo is one object, however often it is sent. */
function originalKey(accountId: string, sha256: string): string {
  return `originals/${accountId}/${sha256}`;
}

async function keep(
  f: Finalizer,
  upload: UploadRow,
  original: Omit<OriginalRow, 'createdAt'>,
): Promise<FinalizedUpload> {
  const owner = f.caller.accountId;
  const row = await f.store.transaction(async (tx) => {
    const kept = await tx.originals.upsert(owner, original);
    await tx.uploads.markReady(owner, upload.id, kept.id);
    await tx.audit.add(owner, [
      { principal: f.caller.principal, action: 'original.create', objectId: kept.id, requestId: f.requestId },
    ]);
    return kept;
  });
  return { uploadId: upload.id, status: 'ready', original: presentOriginal(row) };
}

async function reject(
  f: Finalizer,
  upload: UploadRow,
  code: string,
  message: string,
): Promise<FinalizedUpload> {
  await f.store.transaction(async (tx) => {
    await tx.uploads.markRejected(f.caller.accountId, upload.id, code, message);
    await tx.outbox.add([{ kind: 'remove_object', bucket: 'uploads', key: upload.objectKey }]);
  });
  return { uploadId: upload.id, ...itemError(code, message) };
}

async function answerReady(f: Finalizer, uploadId: string, originalId: string): Promise<FinalizedUpload> {
  const [original] = await f.store.read.originals.getMany(f.caller.accountId, [originalId]);
  if (!original)
    return { uploadId, ...itemError('original_gone', 'The original was deleted. Upload it again.') };
  return { uploadId, status: 'ready', original: presentOriginal(original) };
}

/** Above this a hash would keep the process from answering others: 8 MB take some 6 ms. */
const HASH_HERE_MAX = 8 * 1024 * 1024;

/** Small photos are hashed in place: the way to the thread pool copies the bytes, which costs as much as the hash. */
async function sha256(bytes: Buffer): Promise<string> {
  if (bytes.length <= HASH_HERE_MAX) return hash('sha256', bytes, 'hex');
  // A view of our own memory; TypeScript cannot see that a store never hands out shared memory.
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString('hex');
}
