import type { PlanId, SubscriptionStatus } from '../contract/index.ts';

/** A subscription at Stripe, as it was told of last. */
export interface SubscriptionRow {
  readonly id: string;
  readonly plan: PlanId;
  readonly status: SubscriptionStatus;
  readonly periodStart: Date;
  /** First moment behind the period. */
  readonly periodEnd: Date;
  readonly cancelAtPeriodEnd: boolean;
  readonly pastDueSince: Date | null;
  /** While it is past due; null also where an earlier release has written it. */
  readonly graceEndsAt: Date | null;
  /** The smaller plan that begins with the next period. */
  readonly nextPlan: PlanId | null;
}

/** What a period has used. */
export interface PeriodUsage {
  readonly periodStart: Date;
  /** Units reserved or settled. */
  readonly units: number;
  /** Those among them above the limit. */
  readonly overage: number;
  /** Limits at which it was told that most, or all, of it is used. */
  readonly warnedLimit: number | null;
  readonly exhaustedLimit: number | null;
}

export interface PayAsYouGo {
  readonly enabled: boolean;
  /** Units above the limit that a period may have; null: any number. */
  readonly cap: number | null;
}

/** All that decides what an account may make. */
export interface StandingRow {
  /** As the account's row names it. */
  readonly basePlan: string;
  readonly payAsYouGo: PayAsYouGo;
  readonly subscriptions: readonly SubscriptionRow[];
  /** Of periods that have not ended. */
  readonly usage: readonly PeriodUsage[];
}

export interface UsageRow {
  /** `YYYY-MM-DD` in UTC. */
  readonly day: string;
  readonly projectId: string | null;
  readonly units: number;
  readonly overage: number;
}

/** Where a page of usage begins: behind this row, the newest day first. */
export type UsagePlace = Pick<UsageRow, 'day' | 'projectId'>;

/** Units that are taken together. */
export interface NewReservation {
  readonly period: { readonly start: Date; readonly end: Date };
  readonly at: Date;
  /** What the grant was decided on. */
  readonly seen: Pick<PeriodUsage, 'units' | 'overage'>;
  /** Where others have reserved meanwhile: the grant holds as long as the units of the plan stay below. */
  readonly below: number;
  /** Units of one project at most. */
  readonly projectId: string | null;
  readonly entries: readonly { readonly id: string; readonly imageId: string; readonly overage: boolean }[];
  /** The limits of which it is told now that most, or all, of them is used. */
  readonly warnedLimit: number | null;
  readonly exhaustedLimit: number | null;
}

export interface BillingTx {
  /** `undefined` when there is no such account. */
  standing(owner: string, at: Date): Promise<StandingRow | undefined>;
  /** The same, and nobody else reserves anything until the end of the transaction. */
  lockStanding(owner: string, at: Date): Promise<StandingRow | undefined>;
  setPayAsYouGo(owner: string, wish: PayAsYouGo): Promise<void>;
  /** Whether a unit of the image is settled, as it was ready once. */
  isPaid(owner: string, imageId: string): Promise<boolean>;
  /** Units of a period that are reserved and neither settled nor refunded, counted up to `limit`. */
  countReserved(owner: string, periodStart: Date, limit: number): Promise<number>;
  /** Start of the period that a moment lies in; of several, as with a plan that was bought, the one that began last. */
  periodAt(owner: string, at: Date): Promise<Date | undefined>;
  /** At most `limit` rows that have units. */
  listUsage(
    owner: string,
    periodStart: Date,
    page: { readonly limit: number; readonly after: UsagePlace | null },
  ): Promise<UsageRow[]>;
}
