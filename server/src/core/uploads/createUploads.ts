import type { UploadTicket } from '../../contract/index.ts';
import type { NewUpload, Objects, OriginalRow } from '../../ports/index.ts';
import type { Act } from '../context.ts';
import { itemError } from '../errors.ts';
import { newId } from '../ids.ts';
import { refuseAnnounced, UPLOAD_TTL_MS, type UploadLimits } from './limits.ts';
import { presentOriginal } from './present.ts';

export interface AnnouncedFile {
  readonly sha256: string;
  readonly size: number;
  readonly contentType: string;
}

/** What was decided per file, without links: those are made anew for every answer. */
export type PlannedUpload =
  | { status: 'exists'; sha256: string }
  | { status: 'upload'; sha256: string; upload: Omit<NewUpload, 'expiresAt'> }
  | { status: 'error'; sha256: string; error: { code: string; message: string; retryable: boolean } };

export async function planUploads(
  act: Act,
  files: readonly AnnouncedFile[],
  limits: UploadLimits,
): Promise<PlannedUpload[]> {
  const owner = act.caller.accountId;
  const known = new Set((await findKnown(act, files)).map((original) => original.sha256));
  const planned = files.map((file): PlannedUpload => {
    if (known.has(file.sha256)) return { status: 'exists', sha256: file.sha256 };
    const refused = refuseAnnounced(file, limits);
    if (refused) return { sha256: file.sha256, ...itemError(refused.code, refused.message) };
    const id = newId('upl');
    return {
      status: 'upload',
      sha256: file.sha256,
      upload: { ...file, id, objectKey: `${owner}/${id}` },
    };
  });
  const expiresAt = new Date(act.now.getTime() + UPLOAD_TTL_MS);
  await act.tx.uploads.create(
    owner,
    planned.flatMap((plan) => (plan.status === 'upload' ? [{ ...plan.upload, expiresAt }] : [])),
  );
  return planned;
}

/**
 * What a plan has become when its request is repeated: what is finished since then exists, what is still open gets
 * a new term, and what was refused or forgotten, or whose original was deleted, is planned anew.
 */
export async function renewUploads(
  act: Act,
  files: readonly AnnouncedFile[],
  planned: readonly PlannedUpload[],
  limits: UploadLimits,
): Promise<PlannedUpload[]> {
  const open = planned.flatMap((plan) => (plan.status === 'upload' ? [plan.upload.id] : []));
  const expiresAt = new Date(act.now.getTime() + UPLOAD_TTL_MS);
  const extended = new Set(await act.tx.uploads.extend(act.caller.accountId, open, expiresAt));
  const stands = (plan: PlannedUpload | undefined) =>
    plan?.status === 'upload' && extended.has(plan.upload.id);
  const replanned = await planUploads(
    act,
    files.filter((_, n) => !stands(planned[n])),
    limits,
  );
  return planned.map((plan) => (stands(plan) ? plan : (replanned.shift() ?? plan)));
}

function findKnown(act: Act, files: readonly AnnouncedFile[]): Promise<OriginalRow[]> {
  return act.tx.originals.findBySha256(act.caller.accountId, [...new Set(files.map((file) => file.sha256))]);
}

/** Turns a plan into an answer. An original that was deleted since the plan was made is answered as an error. */
export async function issueTickets(
  act: Act,
  objects: Objects,
  planned: readonly PlannedUpload[],
): Promise<UploadTicket[]> {
  const hashes = planned.filter((plan) => plan.status === 'exists').map((plan) => plan.sha256);
  const originals = new Map(
    (hashes.length > 0 ? await act.tx.originals.findBySha256(act.caller.accountId, hashes) : []).map(
      (original) => [original.sha256, original],
    ),
  );
  const expiresAt = new Date(act.now.getTime() + UPLOAD_TTL_MS);
  return Promise.all(
    planned.map(async (plan): Promise<UploadTicket> => {
      if (plan.status === 'error') return plan;
      if (plan.status === 'exists') {
        const original = originals.get(plan.sha256);
        if (original) return { status: 'exists', sha256: plan.sha256, original: presentOriginal(original) };
        return {
          sha256: plan.sha256,
          ...itemError('original_gone', 'The original was deleted. Ask again.', true),
        };
      }
      const { id, size, contentType, sha256, objectKey } = plan.upload;
      const signed = await objects.presignPut({
        ref: { bucket: 'uploads', key: objectKey },
        size,
        contentType,
        sha256,
        expiresAt,
      });
      return {
        status: 'upload',
        sha256,
        uploadId: id,
        method: 'PUT',
        url: signed.url,
        headers: signed.headers,
        expiresAt: expiresAt.toISOString(),
      };
    }),
  );
}
