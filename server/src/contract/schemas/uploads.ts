import { z } from 'zod';
import { ItemError } from '../errors.ts';
import { BATCH_MAX, OriginalId, Sha256, Timestamp, UploadId } from './common.ts';

/** Media types that are accepted, and the only ones that a presigned upload is signed for. */
export const UPLOAD_TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic'] as const;

export const Original = z
  .strictObject({
    id: OriginalId,
    sha256: Sha256,
    size: z.int().describe('Bytes'),
    contentType: z.enum(UPLOAD_TYPES),
    width: z.int().describe('Pixels as stored, before the EXIF orientation'),
    height: z.int(),
    createdAt: Timestamp,
  })
  .meta({ id: 'Original' });
export type Original = z.infer<typeof Original>;

export const UploadFile = z
  .strictObject({
    sha256: Sha256,
    size: z.int().min(0).describe('Bytes'),
    contentType: z.string().max(100),
  })
  .meta({ id: 'UploadFile' });

export const CreateUploads = z
  .strictObject({ files: z.array(UploadFile).min(1).max(BATCH_MAX) })
  .meta({ id: 'CreateUploads' });

export const UploadTicket = z
  .discriminatedUnion('status', [
    z.strictObject({ status: z.literal('exists'), sha256: Sha256, original: Original }),
    z.strictObject({
      status: z.literal('upload'),
      sha256: Sha256,
      uploadId: UploadId,
      method: z.literal('PUT'),
      url: z.string(),
      headers: z.record(z.string(), z.string()).describe('Send exactly these; they are signed'),
      expiresAt: Timestamp,
    }),
    z.strictObject({ status: z.literal('error'), sha256: Sha256, error: ItemError }),
  ])
  .meta({ id: 'UploadTicket' });
export type UploadTicket = z.infer<typeof UploadTicket>;

export const UploadTickets = z
  .strictObject({ results: z.array(UploadTicket).describe('One per file, in the same order') })
  .meta({ id: 'UploadTickets' });

export const FinalizeUploads = z
  .strictObject({ uploadIds: z.array(UploadId).min(1).max(BATCH_MAX) })
  .meta({ id: 'FinalizeUploads' });

export const FinalizedUpload = z
  .discriminatedUnion('status', [
    z.strictObject({ status: z.literal('ready'), uploadId: UploadId, original: Original }),
    z.strictObject({ status: z.literal('error'), uploadId: UploadId, error: ItemError }),
  ])
  .meta({ id: 'FinalizedUpload' });
export type FinalizedUpload = z.infer<typeof FinalizedUpload>;

export const FinalizedUploads = z
  .strictObject({ results: z.array(FinalizedUpload).describe('One per id, in the same order') })
  .meta({ id: 'FinalizedUploads' });
