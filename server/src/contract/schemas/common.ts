import { z } from 'zod';

/** `prefix_` and a ULID in lower case; sorts by creation time. */
export function idSchema(prefix: string) {
  return z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9a-hjkmnp-tv-z]{26}$`), `must be an id that begins with ${prefix}_`);
}

export const AccountId = idSchema('acc').meta({ id: 'AccountId' });
export const MemberId = idSchema('mem').meta({ id: 'MemberId' });
export const InvitationId = idSchema('inv').meta({ id: 'InvitationId' });
export const TokenId = idSchema('tok').meta({ id: 'TokenId' });
export const AuditId = idSchema('aud').meta({ id: 'AuditId' });
export const ProjectId = idSchema('prj').meta({ id: 'ProjectId' });
export const UploadId = idSchema('upl').meta({ id: 'UploadId' });
export const OriginalId = idSchema('org').meta({ id: 'OriginalId' });
export const ImageId = idSchema('img').meta({ id: 'ImageId' });
export const JobId = idSchema('job').meta({ id: 'JobId' });

export const Timestamp = z.iso.datetime().describe('UTC, RFC 3339');
export const Sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hexadecimal digits')
  .describe('SHA-256 of the bytes, hexadecimal');

export const PAGE_LIMIT_MAX = 100;
/** Largest number of items in one batch call. */
export const BATCH_MAX = 100;

export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(PAGE_LIMIT_MAX).default(50).describe('Items a page'),
  cursor: z.string().max(400).optional().describe('`nextCursor` of the page before'),
});

export type PageQuery = z.output<typeof PageQuery>;

export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last'),
  });
}
