import { z } from 'zod';
import { PageQuery, pageOf, Timestamp } from './common.ts';

/** As Stripe gives it. */
export const StripeEventId = z
  .string()
  .regex(/^evt_[0-9A-Za-z_]{1,100}$/, 'must be an id that begins with evt_')
  .meta({ id: 'StripeEventId' });

export const StripeEventState = z
  .enum(['received', 'unknown', 'handled', 'parked', 'ignored'])
  .describe(
    '`received`: waits for a worker; `unknown`: its customer belongs to no account yet; `parked`: it failed too often',
  )
  .meta({ id: 'StripeEventState' });

export const StripeEventQuery = PageQuery.extend({ state: StripeEventState.default('parked') });
export const StripeEventParams = z.strictObject({ eventId: StripeEventId });

export const StripeEventRecord = z
  .strictObject({
    id: StripeEventId,
    type: z.string(),
    customerId: z.string().nullable(),
    state: StripeEventState,
    attempts: z.int(),
    detail: z.string().nullable().describe('Why it was not handled the last time'),
    createdAt: Timestamp.describe('When it happened at Stripe'),
    receivedAt: Timestamp,
    endedAt: Timestamp.nullable(),
  })
  .meta({ id: 'StripeEventRecord' });
export type StripeEventRecord = z.infer<typeof StripeEventRecord>;

export const StripeEventPage = pageOf(StripeEventRecord).meta({ id: 'StripeEventPage' });
