import type { PlanId } from '../contract/index.ts';
import type { NewAudit } from './access.ts';
import type { SubscriptionRow } from './billing.ts';
import type { MeteredImage, PaidPlan, StripeSubscription } from './payments.ts';
import type { NewEvent, OutboxItem } from './rows.ts';

/** `unknown`: its customer is nobody's yet. `parked`: it failed too often, and waits for an operator. */
export type StripeEventState = 'received' | 'unknown' | 'handled' | 'parked' | 'ignored';

export interface ClaimedEvent {
  readonly id: string;
  readonly type: string;
  readonly payload: unknown;
  readonly receivedAt: Date;
  /** That of this claim among them. */
  readonly attempts: number;
}

/** Events of one customer, or one event that names none. `lease` fences what is written for them. */
export interface EventClaim {
  readonly lease: string;
  readonly customerId: string | null;
  readonly events: readonly ClaimedEvent[];
}

export interface FailedEvents {
  readonly detail: string;
  /** For another attempt then; null parks them. */
  readonly retryAt: Date | null;
  /** Whether the attempt counts; one that an outage has ended does not. */
  readonly counts: boolean;
}

/** Whose a customer is, and by which read we know of it what we know. */
export interface HeldCustomer {
  readonly accountId: string;
  readonly read: number;
}

/** A subscription as Stripe has it, with what follows for us. */
export type FoundSubscription = StripeSubscription & {
  readonly plan: PaidPlan;
  readonly graceEndsAt: Date | null;
};

/** What decides the plan of an account. */
export interface PlanStanding {
  readonly basePlan: string;
  /** The plan of a subscription that the account was told of last; null: the base plan is in force. */
  readonly subscribedPlan: PlanId | null;
  readonly subscriptions: readonly SubscriptionRow[];
}

/** Writes of one transaction of a worker that has asked Stripe. */
export interface PaymentsTx {
  /** Keeps the events of a claim until the end of the transaction; answers with the ids of those that are still its. */
  holdEvents(lease: string): Promise<string[]>;
  /** Takes the lock of the customer's account; `undefined` when it is nobody's. */
  lockCustomer(customerId: string): Promise<HeldCustomer | undefined>;
  /**
   * Gives a customer to an account that has none. `undefined` when there is no such account, when it has another one,
   * and when a later read than this has found something else.
   */
  adoptCustomer(accountId: string, customerId: string, read: number): Promise<HeldCustomer | undefined>;
  /** The account has no customer from now on, and nothing is left of its subscriptions. */
  forgetCustomer(accountId: string): Promise<void>;
  planStanding(accountId: string): Promise<PlanStanding>;
  /** What the account is told of now, and when to look again whether it still holds. */
  noteSubscribed(
    accountId: string,
    standing: { readonly plan: PlanId | null; readonly endsAt: Date | null },
  ): Promise<void>;
  /** Takes the lock of an account whose plan may have ended by now; those that another worker has are left to it. */
  lockEndedPlan(now: Date): Promise<string | undefined>;
  /** Replaces all that we know of a customer by what a read has found. */
  saveSubscriptions(
    accountId: string,
    read: StripeRead,
    subscriptions: readonly FoundSubscription[],
  ): Promise<void>;
  finishEvents(ids: readonly string[], state: 'handled' | 'ignored', detail: string | null): Promise<void>;
  /** They are looked at again then, or as soon as their customer is somebody's. */
  postponeEvents(ids: readonly string[], dueAt: Date, detail: string): Promise<void>;
  publish(accountId: string, events: readonly NewEvent[]): Promise<void>;
  audit(accountId: string, entries: readonly NewAudit[]): Promise<void>;
}

export interface DueMeter extends Omit<MeteredImage, 'customerId'> {
  readonly accountId: string;
  readonly customerId: string | null;
  readonly attempts: number;
}

/** A subscription as we have it, with its customer. */
export interface KnownSubscription extends SubscriptionRow {
  readonly accountId: string;
  readonly customerId: string | null;
}

export interface StripeRead {
  /** Of two reads, the one with the larger number began later. */
  readonly number: number;
  /** By the clock of the database. What Stripe has accepted since then may be missing in what was read. */
  readonly beganAt: Date;
}

/** What the worker does with what Stripe has told, and has to be told. */
export interface PaymentJobs {
  /**
   * Events that are due: all new ones of a customer together, one that has failed before by itself. Those of a claim
   * whose worker is gone are due again when its lease has ended.
   */
  claimEvents(limit: number, leaseMs: number): Promise<EventClaim | undefined>;
  /** To be taken before Stripe is asked. */
  beginRead(): Promise<StripeRead>;
  transaction<T>(run: (tx: PaymentsTx) => Promise<T>): Promise<T>;
  failEvents(lease: string, failure: FailedEvents): Promise<void>;
  /** Events of customers who have become somebody's are due. */
  wakeUnknown(customerIds: readonly string[]): Promise<void>;

  /** Keeps what has to be reported, once for each entry of the ledger. */
  addMeters(entries: readonly { accountId: string; entryId: string }[]): Promise<void>;
  /** Due ones; they are due again after `leaseMs`, whatever becomes of this worker. */
  claimMeters(limit: number, leaseMs: number): Promise<DueMeter[]>;
  markMeterSent(accountId: string, entryId: string): Promise<void>;
  /** For another attempt then; null parks it. `counts`: whether the attempt was one. */
  failMeter(
    meter: DueMeter,
    failure: { readonly detail: string; readonly retryAt: Date | null; readonly counts: boolean },
  ): Promise<void>;

  /** Ours that are not over, and those with these ids. */
  listSubscriptions(ids: readonly string[] | 'open'): Promise<KnownSubscription[]>;
  /** The number of a comparison that begins now; undefined when one began less than `everyMs` ago, at whichever worker. */
  beginCheck(everyMs: number): Promise<string | undefined>;
  endCheck(id: string, compared: number, drift: readonly unknown[]): Promise<void>;
  drainOutbox(
    kinds: readonly OutboxItem['kind'][],
    limit: number,
    handle: (items: OutboxItem[]) => Promise<void>,
  ): Promise<number>;
  /** Payloads of events, and our own requests, that have outlived their retention. */
  prune(now: Date): Promise<number>;
  /** How many wait, by state, and since when the oldest that is due. */
  countEvents(): Promise<{ state: StripeEventState; count: number }[]>;
  check(): Promise<void>;
  close(): Promise<void>;
}
