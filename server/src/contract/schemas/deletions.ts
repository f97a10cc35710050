import { z } from 'zod';
import { AccountId, idSchema, pageOf, Timestamp } from './common.ts';

export const DeletionId = idSchema('del').meta({ id: 'DeletionId' });

export const GRACE_DAYS_MAX = 90;

export const DeletionInput = z
  .strictObject({
    name: z.string().max(500).describe('Of the account, to the letter: so that it is this one'),
    graceDays: z
      .int()
      .min(0)
      .max(GRACE_DAYS_MAX)
      .default(0)
      .describe('Days in which it can be cancelled; the account is suspended meanwhile'),
  })
  .meta({ id: 'DeletionInput' });
export type DeletionInput = z.output<typeof DeletionInput>;

export const DeletionState = z
  .enum(['scheduled', 'erasing', 'settling', 'done', 'canceled'])
  .describe(
    '`settling`: rows and objects are gone; the store is looked at once more when links to upload have ended',
  )
  .meta({ id: 'DeletionState' });
export type DeletionState = z.infer<typeof DeletionState>;

export const Deletion = z
  .strictObject({
    id: DeletionId,
    accountId: AccountId,
    state: DeletionState,
    requestedBy: z.string().describe('Principal of the operator'),
    requestedAt: Timestamp,
    dueAt: Timestamp.describe('Not before; until then it can be cancelled'),
    startedAt: Timestamp.nullable(),
    lastLookAt: Timestamp.nullable().describe('When the store is looked at for the last time'),
    finishedAt: Timestamp.nullable(),
    rows: z.record(z.string(), z.int()).describe('Rows that were removed, by table'),
    objects: z.strictObject({
      count: z.int(),
      bytes: z.int(),
      keysSha256: z
        .string()
        .nullable()
        .describe(
          'Over the keys in the order of their removal: each is the SHA-256 of the hash before it, a line feed, and `bucket/key`',
        ),
    }),
  })
  .meta({ id: 'Deletion' });
export type Deletion = z.infer<typeof Deletion>;

export const DeletionPage = pageOf(Deletion).meta({ id: 'DeletionPage' });
