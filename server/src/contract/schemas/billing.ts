import { z } from 'zod';
import { PageQuery, ProjectId, pageOf, Timestamp } from './common.ts';

/** From the smallest to the largest; `dev` is that of installations for development. */
export const PLAN_IDS = ['free', 'pro', 'business', 'dev'] as const;
export const PlanId = z.enum(PLAN_IDS).meta({ id: 'PlanId' });
export type PlanId = z.infer<typeof PlanId>;

/** Plans that are bought. */
export const PaidPlanId = PlanId.extract(['pro', 'business']).meta({ id: 'PaidPlanId' });
export type PaidPlanId = z.infer<typeof PaidPlanId>;

export const Plan = z
  .strictObject({
    id: PlanId,
    name: z.string(),
    priceCents: z.int().describe('A month; hundredths of the currency'),
    currency: z.literal('usd'),
    limit: z.int().nullable().describe('Images a period; null: no limit'),
    overageCents: z
      .int()
      .nullable()
      .describe('An image above the limit, with pay-as-you-go; null: not offered'),
  })
  .meta({ id: 'Plan' });
export type Plan = z.infer<typeof Plan>;

/** What an installation may say otherwise. The numbers that customers are shown; what they pay is set at Stripe. */
const PlanNumbers = z
  .strictObject({
    priceCents: z.int().min(0),
    limit: z.int().min(0).max(1_000_000).nullable(),
    overageCents: z.int().min(1).nullable(),
  })
  .partial();
export const PlanOverrides = z.strictObject({
  free: PlanNumbers.omit({ priceCents: true, overageCents: true }).optional(),
  pro: PlanNumbers.optional(),
  business: PlanNumbers.optional(),
});
export type PlanOverrides = z.output<typeof PlanOverrides>;

export const PlanList = z
  .strictObject({ items: z.array(Plan).describe('Those that an account can have, the smallest first') })
  .meta({ id: 'PlanList' });

/** As Stripe names them. */
export const SubscriptionStatus = z
  .enum([
    'incomplete',
    'incomplete_expired',
    'trialing',
    'active',
    'past_due',
    'canceled',
    'unpaid',
    'paused',
  ])
  .meta({ id: 'SubscriptionStatus' });
export type SubscriptionStatus = z.infer<typeof SubscriptionStatus>;

export const Period = z
  .strictObject({ start: Timestamp, end: Timestamp.describe('First moment behind it') })
  .meta({ id: 'Period' });

export const Subscription = z
  .strictObject({
    plan: PlanId,
    status: SubscriptionStatus,
    period: Period,
    cancelAtPeriodEnd: z.boolean().describe('It ends with the period'),
    graceEndsAt: Timestamp.nullable().describe('With `past_due`: the plan holds until then'),
    nextPlan: PlanId.nullable().describe('A smaller plan that begins with the next period'),
  })
  .meta({ id: 'Subscription' });

export const Billing = z
  .strictObject({
    plan: Plan.describe('The plan in force'),
    basePlan: PlanId.describe('What is in force without a subscription'),
    subscription: Subscription.nullable().describe('The one that the plan in force comes from'),
    unpaidPlan: PlanId.nullable().describe(
      'A plan that is not in force, as an invoice of it is open; once that is paid, it is again',
    ),
    period: Period.describe('That of the subscription, else the calendar month in UTC'),
    used: z.int().describe('Images of the period that are ready'),
    reserved: z.int().describe('Images of the period that are not finished yet'),
    overage: z.int().describe('Those among both that are above the limit'),
    remaining: z
      .int()
      .nullable()
      .describe('Images that can be made now: what the plan has left, and pay-as-you-go; null: no limit'),
    payAsYouGo: z.strictObject({
      offered: z.boolean().describe('Whether the plan in force has it'),
      enabled: z.boolean(),
      cap: z.int().nullable().describe('Images above the limit a period; null: no limit'),
    }),
  })
  .meta({ id: 'BillingStatus' });
export type Billing = z.infer<typeof Billing>;

export const BillingChange = z
  .strictObject({
    payAsYouGo: z.strictObject({
      enabled: z.boolean(),
      cap: z
        .int()
        .min(1)
        .max(1_000_000)
        .nullable()
        .optional()
        .describe('Images above the limit a period; null: no limit. Left out, it stays as it is'),
    }),
  })
  .meta({ id: 'BillingChange' });
export type BillingChange = z.output<typeof BillingChange>;

export const UsageQuery = PageQuery.extend({
  periodStart: Timestamp.optional().describe(
    'A moment in the period, such as its start. Default: the present one',
  ),
});

export const Usage = z
  .strictObject({
    day: z.iso.date().describe('In UTC: when the images were asked for'),
    projectId: ProjectId.nullable(),
    units: z.int().describe('Images that count: ready or not finished yet'),
    overage: z.int().describe('Those among them above the limit'),
  })
  .meta({ id: 'Usage' });
export type Usage = z.infer<typeof Usage>;

export const UsagePage = z
  .strictObject({
    periodStart: Timestamp,
    items: z.array(Usage).describe('One for each day and project, the newest day first'),
    nextCursor: z.string().nullable().describe('Pass as `cursor` for the next page; null on the last'),
  })
  .meta({ id: 'UsagePage' });

/** As Stripe has it. */
export const Invoice = z
  .strictObject({
    id: z.string(),
    number: z.string().nullable().describe('As it stands on the invoice'),
    status: z.enum(['open', 'paid', 'uncollectible', 'void']),
    totalCents: z.int(),
    dueCents: z.int().describe('Of the total, what is left after balances'),
    currency: z.string(),
    period: Period,
    createdAt: Timestamp,
    url: z.string().nullable().describe('Page to look at it, and to pay it while it is open'),
    pdfUrl: z.string().nullable(),
  })
  .meta({ id: 'Invoice' });
export type Invoice = z.infer<typeof Invoice>;

export const InvoicePage = pageOf(Invoice).meta({ id: 'InvoicePage' });
export type InvoicePage = z.infer<typeof InvoicePage>;

export const PortalSession = z
  .strictObject({ url: z.string().describe('Open it within minutes; whoever has it may manage the plan') })
  .meta({ id: 'PortalSession' });

export const CheckoutInput = z.strictObject({ plan: PaidPlanId }).meta({ id: 'CheckoutInput' });

export const CheckoutLink = z
  .strictObject({
    url: z.url().describe('Page where an owner of the account logs in, sees the plan, and goes on to pay'),
    expiresAt: Timestamp,
  })
  .meta({ id: 'CheckoutLink' });
