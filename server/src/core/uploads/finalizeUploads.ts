import { hash } from 'node:crypto';
import type { FinalizedUpload } from '../../contract/index.ts';
import type { Caller, Clock, Objects, OriginalRow, Store, UploadRow } from '../../ports/index.ts';
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
    (await deps.store.read.uploads.getMany(caller.accountId, [...new Set(uploadIds)])).map((row) => [row.id, row]),
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

async function finalizeOne(f: Finalizer, uploadId: string, upload: UploadRow | undefined): Promise<FinalizedUpload> {
  if (!upload) {
    return { uploadId, ...itemError('not_found', `There is no upload ${uploadId} in this account.`) };
  }
  if (upload.state === 'ready' && upload.originalId) return answerReady(f, uploadId, upload.originalId);
  if (upload.state === 'rejected') {
    return { uploadId, ...itemError(upload.errorCode ?? 'image_corrupt', upload.errorMessage ?? 'The file was refused.') };
  }
  return f.budget(upload.size, () => verifyAndKeep(f, upload));
}

async function verifyAndKeep(f: Finalizer, upload: UploadRow): Promise<FinalizedUpload> {
  const staged = { bucket: 'uploads', key: upload.objectKey } as const;
  const info = await f.objects.stat(staged);
  if (!info) {
    // A twin may have moved the object between our look at the row and at the store.
    const [again] = await f.store.read.uploads.getMany(f.caller.accountId, [upload.id]);
    if (again?.state === 'ready' && again.originalId) return answerReady(f, upload.id, again.originalId);
    const known = await f.store.read.originals.findBySha256(f.caller.accountId, [upload.sha256]);
    if (known[0]) return keep(f, upload, known[0]);
    return {
      uploadId: upload.id,
      ...itemError('upload_missing', 'No bytes have arrived for this upload. Send them to its URL, then finalize.', true),
    };
  }
  if (info.size !== upload.size) {
    return reject(f, upload, 'size_mismatch', `${info.size} bytes arrived, ${upload.size} were announced.`);
  }
  const bytes = await f.objects.read(staged);
  if (!bytes || (await sha256(bytes)) !== upload.sha256) {
    return reject(f, upload, 'checksum_mismatch', 'The bytes that arrived do not have the announced SHA-256.');
  }
  const seen = inspectImage(bytes, upload.contentType, f.limits);
  if (!seen.ok) return reject(f, upload, seen.code, seen.message);
  const objectKey = originalKey(f.caller.accountId, upload.sha256);
  const moved = await f.objects.move(staged, { bucket: 'photos', key: objectKey }, seen.contentType);
  if (!moved) return verifyAndKeep(f, upload);
  return keep(f, upload, originalFrom(upload, seen, objectKey));
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

async function keep(f: Finalizer, upload: UploadRow, original: Omit<OriginalRow, 'createdAt'>): Promise<FinalizedUpload> {
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

async function reject(f: Finalizer, upload: UploadRow, code: string, message: string): Promise<FinalizedUpload> {
  await f.store.transaction(async (tx) => {
    await tx.uploads.markRejected(f.caller.accountId, upload.id, code, message);
    await tx.outbox.add([{ kind: 'remove_object', bucket: 'uploads', key: upload.objectKey }]);
  });
  return { uploadId: upload.id, ...itemError(code, message) };
}

async function answerReady(f: Finalizer, uploadId: string, originalId: string): Promise<FinalizedUpload> {
  const [original] = await f.store.read.originals.getMany(f.caller.accountId, [originalId]);
  if (!original) return { uploadId, ...itemError('original_gone', 'The original was deleted. Upload it again.') };
  return { uploadId, status: 'ready', original: presentOriginal(original) };
}

/** Large buffers are hashed on the thread pool; for small ones the hop costs more than the hash. */
async function sha256(bytes: Buffer): Promise<string> {
  if (bytes.length < 64 * 1024) return hash('sha256', bytes, 'hex');
  // A view of our own memory; TypeScript cannot see that a store never hands out shared memory.
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString('hex');
}
