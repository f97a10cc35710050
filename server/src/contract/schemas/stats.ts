import { z } from 'zod';
import { Period, PlanId } from './billing.ts';
import { AccountId, Timestamp } from './common.ts';

const Stored = z.strictObject({ objects: z.int(), bytes: z.int() });

export const Storage = z
  .strictObject({ originals: Stored, outputs: Stored })
  .describe('As the rows tell; uploads that were not finalized are in none')
  .meta({ id: 'Storage' });
export type Storage = z.infer<typeof Storage>;

export const ImageCounts = z
  .strictObject({
    queued: z.int(),
    processing: z.int(),
    ready: z.int(),
    error: z.int(),
    canceled: z.int(),
  })
  .meta({ id: 'ImageCounts' });
export type ImageCounts = z.infer<typeof ImageCounts>;

export const Spend = z
  .strictObject({
    currency: z.literal('usd'),
    subscriptions: z.int().describe('That are active or past due; trials are not counted'),
    monthlyCents: z.int().describe('What these amount to a month, by the prices of the plans'),
    overageUnits: z.int().describe('Images above the limits in the present periods'),
    overageCents: z.int(),
  })
  .meta({ id: 'Spend' });
export type Spend = z.infer<typeof Spend>;

/** Parts of the statistics, each counted by itself. */
export const STATS_PARTS = ['accounts', 'images', 'queue', 'failures', 'storage', 'spend'] as const;
export type StatsPart = (typeof STATS_PARTS)[number];

export const Stats = z
  .strictObject({
    at: Timestamp,
    accounts: z.strictObject({ total: z.int(), suspended: z.int() }).nullable(),
    images: ImageCounts.nullable().describe('By state, without those that were deleted'),
    queue: z
      .strictObject({
        oldestDueSeconds: z
          .number()
          .nullable()
          .describe('How long the oldest job that could run waits; null when none does'),
      })
      .nullable(),
    failures: z
      .strictObject({
        since: Timestamp,
        done: z.int(),
        dead: z.int(),
        rate: z.number().nullable().describe('Share of those that have ended; null when none has'),
      })
      .nullable()
      .describe('Of jobs that were made since then'),
    storage: Storage.nullable(),
    spend: Spend.nullable(),
    skipped: z
      .array(z.enum(STATS_PARTS))
      .describe('Parts that could not be counted in time; they are null above'),
  })
  .meta({ id: 'Stats' });
export type Stats = z.infer<typeof Stats>;

export const AccountUsage = z
  .strictObject({
    accountId: AccountId,
    plan: PlanId.describe('The one in force'),
    period: Period,
    units: z.int().describe('Images of the period that are made or in work'),
    limit: z.int().nullable().describe('Of the plan; null: none'),
    overageUnits: z.int(),
    planCents: z.int().describe('What the subscription costs a month; 0 without one'),
    overageCents: z.int(),
    images: ImageCounts,
    storage: Storage,
  })
  .meta({ id: 'AccountUsage' });
export type AccountUsage = z.infer<typeof AccountUsage>;
