import { z } from 'zod';
import { Timestamp } from './common.ts';

const Count = z.int().describe('At most 10,000: beyond, it is as many at least');

export const PaymentsState = z
  .strictObject({
    stripe: z
      .strictObject({
        answers: z.boolean().describe('Whether Stripe answers to the key of the API'),
        trouble: z.string().nullable().describe('Why it does not'),
        apiVersion: z.string().nullable(),
        live: z.boolean().nullable().describe('Whether real money moves'),
        missingPrices: z.array(z.string()).describe('Lookup keys for which Stripe has no active price'),
      })
      .nullable()
      .describe('Null where the API has no key: it takes no payments'),
    webhookSecret: z
      .boolean()
      .describe('Whether the API has a signing secret; without one it takes no event'),
    events: z.strictObject({
      received: Count.describe('Waiting for a worker'),
      unknown: Count.describe('Of customers who belong to no account'),
      parked: Count.describe('Failed too often, and wait for an operator'),
      lastReceivedAt: Timestamp.nullable(),
      oldestWaitingAt: Timestamp.nullable().describe('When the oldest came that waits for a worker'),
    }),
    reports: z
      .strictObject({
        waiting: Count,
        parked: Count.describe('Not reported to Stripe, and not tried again'),
        oldestWaitingAt: Timestamp.nullable().describe(
          'When the oldest was delivered that Stripe does not know of',
        ),
      })
      .describe('Images above the limit of a plan'),
    comparison: z
      .strictObject({
        endedAt: Timestamp,
        compared: z.int().describe('Subscriptions'),
        drift: z.int().describe('Those among them that differ from Stripe'),
      })
      .nullable()
      .describe('The last one with Stripe; null: there was none yet'),
  })
  .meta({ id: 'PaymentsState' });
export type PaymentsState = z.infer<typeof PaymentsState>;
