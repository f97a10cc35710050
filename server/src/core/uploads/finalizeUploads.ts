import type { FinalizedUpload } from '../../contract/index.ts';
import type { Clock, ObjectRef, Objects, OriginalRow, Store, Tx, UploadRow } from '../../ports/index.ts';
import { type Act, audit } from '../context.ts';
import { itemError } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Examine, Examined } from './examine.ts';
import type { UploadLimits } from './limits.ts';
import type { LendMemory, Memory } from './memory.ts';
import { presentOriginal } from './present.ts';

export interface FinalizeDeps {
  readonly store: Store;
  readonly objects: Objects;
  readonly clock: Clock;
  readonly limits: UploadLimits;
  /** Of the whole process, over all requests. */
  readonly memory: LendMemory;
  readonly examine: Examine;
}

/** Who finalizes, with what, in which request. */
export type By = Pick<Act, 'caller' | 'credential' | 'requestId' | 'ip'>;

interface Finalizer extends FinalizeDeps, By {}

/** What is to be written about one upload, or its answer when there is nothing to write. */
type Finding =
  | { readonly kind: 'keep'; readonly upload: UploadRow; readonly original: Omit<OriginalRow, 'createdAt'> }
  | { readonly kind: 'reject'; readonly upload: UploadRow; readonly code: string; readonly message: string }
  | { readonly kind: 'answer'; readonly result: FinalizedUpload };

/**
 * One result per id, in order. The looking is done upload by upload, the writing in one transaction: a call that dies
 * between the two is made up for by the next, which finds the objects where this one has put them.
 */
export async function finalizeUploads(
  deps: FinalizeDeps,
  { caller, credential, requestId, ip }: By,
  uploadIds: readonly string[],
): Promise<FinalizedUpload[]> {
  const f: Finalizer = { ...deps, caller, credential, requestId, ip };
  const ids = [...new Set(uploadIds)];
  const { read } = f.store.account(caller.accountId);
  const uploads = await read.uploads.getMany(caller.accountId, ids);
  const rows = new Map(uploads.map((row) => [row.id, row]));
  const ready = uploads.flatMap((row) => (row.originalId ? [row.originalId] : []));
  const originals = ready.length > 0 ? await read.originals.getMany(caller.accountId, ready) : [];
  const findings = await Promise.all(ids.map((id) => lookAt(f, id, rows.get(id), originals)));
  const results = new Map((await settle(f, findings)).map((result) => [result.uploadId, result]));
  return uploadIds.map((id) => {
    const result = results.get(id);
    if (!result) throw new Error(`upload ${id} has no result`);
    return result;
  });
}

async function lookAt(
  f: Finalizer,
  uploadId: string,
  upload: UploadRow | undefined,
  originals: readonly OriginalRow[],
): Promise<Finding> {
  if (!upload) {
    return answer({ uploadId, ...itemError('not_found', `There is no upload ${uploadId} in this account.`) });
  }
  if (upload.state === 'rejected') {
    const { errorCode, errorMessage } = upload;
    return answer({
      uploadId,
      ...itemError(errorCode ?? 'image_corrupt', errorMessage ?? 'The file was refused.'),
    });
  }
  if (upload.state === 'ready') {
    const original = originals.find(({ id }) => id === upload.originalId);
    return answer(
      original
        ? { uploadId, status: 'ready', original: presentOriginal(original) }
        : { uploadId, ...itemError('original_gone', 'The original was deleted. Upload it again.') },
    );
  }
  return f.memory(upload.size, (memory) => verifyAndMove(f, upload, memory));
}

function answer(result: FinalizedUpload): Finding {
  return { kind: 'answer', result };
}

async function verifyAndMove(f: Finalizer, upload: UploadRow, memory: Memory): Promise<Finding> {
  const staged: ObjectRef = { bucket: 'uploads', key: upload.objectKey };
  const kept: ObjectRef = { bucket: 'photos', key: originalKey(f.caller.accountId, upload.sha256) };
  const seen = await verify(f, upload, staged, memory);
  if (!seen) return findMoved(f, upload, kept, memory);
  if (!seen.ok) return { kind: 'reject', upload, code: seen.code, message: seen.message };
  if (!(await f.objects.move(staged, kept, seen.contentType))) return findMoved(f, upload, kept, memory);
  return { kind: 'keep', upload, original: originalFrom(upload, seen, kept.key) };
}

/** A twin of this call, or one that was killed before its commit, has moved the object already: or nothing came. */
async function findMoved(f: Finalizer, upload: UploadRow, kept: ObjectRef, memory: Memory): Promise<Finding> {
  const seen = await verify(f, upload, kept, memory);
  if (seen?.ok) {
    return { kind: 'keep', upload, original: originalFrom(upload, seen, kept.key) };
  }
  const words = 'No bytes have arrived for this upload. Send them to its URL, then finalize.';
  return answer({ uploadId: upload.id, ...itemError('upload_missing', words, true) });
}

type Passed = Extract<Examined, { ok: true }>;
type Verified = Passed | { readonly ok: false; readonly code: string; readonly message: string };

/**
 * Looks at the stored bytes themselves: not at what was announced, nor at an ETag. Decodes nothing.
 * @returns undefined when there is no object
 */
async function verify(
  f: Finalizer,
  upload: UploadRow,
  ref: ObjectRef,
  memory: Memory,
): Promise<Verified | undefined> {
  const size = await f.objects.readInto(ref, memory.subarray(0, upload.size));
  if (size === undefined) return undefined;
  if (size !== upload.size) {
    const message = `${size} bytes arrived, ${upload.size} were announced.`;
    return { ok: false, code: 'size_mismatch', message };
  }
  return f.examine(memory.subarray(0, size), upload, f.limits);
}

function originalFrom(upload: UploadRow, seen: Passed, objectKey: string) {
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

async function settle(f: Finalizer, findings: readonly Finding[]): Promise<FinalizedUpload[]> {
  const answers = findings.flatMap((finding) => (finding.kind === 'answer' ? [finding.result] : []));
  const kept = findings.filter((finding) => finding.kind === 'keep');
  // In the order of the ids, as everybody takes the rows: twins wait for each other and never in a ring.
  const rejected = findings
    .filter((finding) => finding.kind === 'reject')
    .toSorted((a, b) => (a.upload.id < b.upload.id ? -1 : 1));
  if (kept.length + rejected.length === 0) return answers;
  return f.store.account(f.caller.accountId).transaction(async (tx) => {
    const results = kept.length > 0 ? await keep(f, tx, kept) : [];
    for (const finding of rejected) results.push(await reject(f, tx, finding));
    return [...answers, ...results];
  });
}

async function keep(
  f: Finalizer,
  tx: Tx,
  findings: readonly Extract<Finding, { kind: 'keep' }>[],
): Promise<FinalizedUpload[]> {
  const owner = f.caller.accountId;
  const rows = await tx.originals.upsert(
    owner,
    findings.map(({ original }) => original),
  );
  const settled = findings.flatMap(({ upload }, n) => {
    const row = rows[n];
    return row ? [{ upload, row }] : [];
  });
  await tx.uploads.markReady(
    owner,
    settled.map(({ upload, row }) => ({ id: upload.id, originalId: row.id })),
  );
  await audit(
    { ...f, tx },
    'original.create',
    settled.map(({ row }) => row.id),
  );
  return settled.map(({ upload, row }) => ({
    uploadId: upload.id,
    status: 'ready',
    original: presentOriginal(row),
  }));
}

async function reject(
  f: Finalizer,
  tx: Tx,
  { upload, code, message }: Extract<Finding, { kind: 'reject' }>,
): Promise<FinalizedUpload> {
  await tx.uploads.markRejected(f.caller.accountId, upload.id, code, message);
  await tx.outbox.add([{ kind: 'remove_object', bucket: 'uploads', key: upload.objectKey }]);
  return { uploadId: upload.id, ...itemError(code, message) };
}
