import type { PlanId } from '../contract/index.ts';
import type { StripeEventState } from './paymentJobs.ts';
import type { StripeEvent, StripeSubscriptionStatus } from './payments.ts';

export type StripeWriteKind = 'customer' | 'checkout' | 'portal' | 'cancel' | 'resume' | 'change_plan';

/**
 * `started`: sent, or about to be; what became of it is not known. `closed`: it was done and is of no use any more.
 * `failed`: Stripe has refused it.
 */
export type StripeWriteState = 'started' | 'done' | 'closed' | 'failed';

export interface StripeWriteRow {
  /** The idempotency key. */
  readonly id: string;
  readonly kind: StripeWriteKind;
  readonly ref: string;
  /** As it was sent the first time: a repeat with the same key sends the same. */
  readonly request: unknown;
  readonly state: StripeWriteState;
  readonly answer: unknown;
  readonly createdAt: Date;
}

/** A subscription that is not over. */
export interface RunningSubscription {
  readonly id: string;
  readonly plan: string;
  readonly nextPlan: string | null;
  readonly status: StripeSubscriptionStatus;
}

/** What was asked last of a subscription, and is done at Stripe. */
export interface AcceptedChange {
  readonly kind: 'cancel' | 'resume' | 'change_plan';
  /** Of `change_plan`. */
  readonly plan: PlanId | null;
}

/** What requests keep of Stripe. */
export interface StripeTx {
  /** False when it was kept before. */
  addEvent(event: StripeEvent): Promise<boolean>;
  customer(owner: string): Promise<{ customerId: string | null; formerCustomerId: string | null }>;
  /** An account that has a customer keeps it; answers with the one that it has now. */
  setCustomer(owner: string, customerId: string): Promise<string>;
  /** The one that is running at Stripe. */
  subscription(owner: string): Promise<RunningSubscription | undefined>;
  /** The write of this kind and ref: this one, or the one that was begun before. */
  startWrite(
    owner: string,
    write: Pick<StripeWriteRow, 'id' | 'kind' | 'ref' | 'request'>,
  ): Promise<StripeWriteRow>;
  endWrite(owner: string, id: string, state: StripeWriteState, answer: unknown): Promise<void>;
  /** `undefined` when the subscription was looked at since then: what it is now, its row says. */
  acceptedChange(owner: string, subscriptionId: string): Promise<AcceptedChange | undefined>;
  /** Pages to pay at that somebody may have open. */
  openCheckouts(owner: string): Promise<StripeWriteRow[]>;
}

/** An event as operators see it. */
export interface StripeEventRow {
  readonly id: string;
  readonly type: string;
  readonly customerId: string | null;
  readonly state: StripeEventState;
  readonly attempts: number;
  readonly detail: string | null;
  readonly createdAt: Date;
  readonly receivedAt: Date;
  readonly endedAt: Date | null;
  /** `receivedAt` as the database has it, to the microsecond. */
  readonly place: string;
}

/** How payments are, for operators. What is counted, up to `most`. */
export interface PaymentsAdminTx {
  events(most: number): Promise<EventFigures>;
  meters(most: number): Promise<MeterFigures>;
  /** The last comparison that ended. */
  lastCheck(): Promise<{ endedAt: Date; compared: number; drift: number } | null>;
}

export interface EventFigures {
  readonly received: number;
  readonly unknown: number;
  readonly parked: number;
  readonly lastReceivedAt: Date | null;
  /** Of those that are received and not handled. */
  readonly oldestWaitingAt: Date | null;
}

export interface MeterFigures {
  readonly waiting: number;
  readonly parked: number;
  /** When it was delivered. */
  readonly oldestWaitingAt: Date | null;
}

export interface StripeEventsTx {
  /** Newest first; behind the one that was received then and has this id. */
  list(
    state: StripeEventState,
    limit: number,
    after: { readonly receivedAt: string; readonly id: string } | null,
  ): Promise<StripeEventRow[]>;
  get(id: string): Promise<StripeEventRow | undefined>;
  /** `undefined` when it is in none of these states. */
  move(
    id: string,
    from: readonly StripeEventState[],
    to: 'received' | 'ignored',
    detail: string | null,
  ): Promise<StripeEventRow | undefined>;
}
