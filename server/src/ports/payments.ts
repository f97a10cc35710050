/** Plans that are bought at Stripe. */
export type PaidPlan = 'pro' | 'business';

/** As Stripe names them. */
export type StripeSubscriptionStatus =
  | 'incomplete'
  | 'incomplete_expired'
  | 'trialing'
  | 'active'
  | 'past_due'
  | 'canceled'
  | 'unpaid'
  | 'paused';

/** A subscription as Stripe has it at this moment. */
export interface StripeSubscription {
  readonly id: string;
  readonly customerId: string;
  /** By the lookup key of its price; null: it is none of our plans. */
  readonly plan: PaidPlan | null;
  readonly status: StripeSubscriptionStatus;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  /** It ends with the period. */
  readonly cancelAtPeriodEnd: boolean;
  /** With `past_due` and `unpaid`: since when an invoice of it waits for payment; of a list, the last one. */
  readonly pastDueSince: Date | null;
  /** The smaller plan that begins with the next period. */
  readonly nextPlan: PaidPlan | null;
  readonly createdAt: Date;
}

/** A customer and all subscriptions that there ever were. */
export interface StripeCustomer {
  readonly id: string;
  /** The account that it was made for, from its metadata; null of customers that others have made, and deleted ones. */
  readonly accountId: string | null;
  readonly deleted: boolean;
  readonly subscriptions: readonly StripeSubscription[];
}

export interface NewCustomer {
  readonly accountId: string;
  readonly name: string;
  readonly email: string | null;
}

export interface NewCheckout {
  readonly accountId: string;
  readonly customerId: string;
  readonly plan: PaidPlan;
  /** Where Stripe sends the browser; `{CHECKOUT_SESSION_ID}` in it is replaced by Stripe. */
  readonly successUrl: string;
  readonly cancelUrl: string;
}

export interface CheckoutSession {
  readonly id: string;
  readonly status: 'open' | 'complete' | 'expired';
  /** Stripe's page to pay at; null when it is not open any more. */
  readonly url: string | null;
  readonly expiresAt: Date;
  readonly customerId: string | null;
  /** The account that it was made for; null of sessions that others have made. */
  readonly accountId: string | null;
}

export type InvoiceStatus = 'open' | 'paid' | 'uncollectible' | 'void';

export interface StripeInvoice {
  readonly id: string;
  readonly number: string | null;
  readonly status: InvoiceStatus;
  /** Cents. */
  readonly total: number;
  readonly amountDue: number;
  readonly currency: string;
  readonly createdAt: Date;
  readonly periodStart: Date;
  readonly periodEnd: Date;
  /** Stripe's page of the invoice: to look at, and to pay while it is open. */
  readonly url: string | null;
  readonly pdfUrl: string | null;
}

export interface MeteredImage {
  /** Of the ledger; Stripe counts an identifier once, however often it is sent. */
  readonly entryId: string;
  readonly customerId: string;
  readonly deliveredAt: Date;
}

/** Items behind an id, and the id behind which more follow. */
export interface StripePage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface PaymentsCheck {
  /** The version that we speak. */
  readonly apiVersion: string;
  /** Whether real money moves. */
  readonly live: boolean;
  /** Lookup keys for which there is no active price. */
  readonly missingPrices: string[];
}

/**
 * What takes the money. Every write has an idempotency key that is made from our own records, so that a repeat, by
 * whichever process, has the answer of the first. No method may be called within a database transaction: the adapter
 * refuses.
 *
 * Endpoints and pages do not call it: they call `core/billing/purchases/` (`startCheckout`, `openPortal`, `cancelPlan`,
 * `resumePlan`, `changePlan`, `listInvoices`), which records each write before it is sent.
 *
 * A process without `STAGER_STRIPE_SECRET_KEY` has none: `payments` is null there.
 *
 * Every method throws `PaymentsError`.
 */
export interface Payments {
  /** Asks whether the key is good and the prices are there. */
  check(): Promise<PaymentsCheck>;
  createCustomer(customer: NewCustomer, key: string): Promise<string>;
  createCheckout(checkout: NewCheckout, key: string): Promise<CheckoutSession>;
  getCheckout(id: string): Promise<CheckoutSession>;
  /** Nobody can pay at it any more; one that is not open is refused with `refused`. */
  expireCheckout(id: string, key: string): Promise<void>;
  /**
   * @param portal without a `returnUrl` its link back leads where the account's configuration says
   * @returns the address of Stripe's page, good for some minutes
   */
  createPortal(portal: { customerId: string; returnUrl: string | null }, key: string): Promise<string>;
  /** Whether it ends with its period; a change of plan that waits for the period's end is given up. */
  setCancelAtPeriodEnd(subscriptionId: string, cancel: boolean, key: string): Promise<void>;
  /** A larger plan begins, and what it costs for the rest of the period is paid, at once, or nothing changes (`declined`). */
  upgrade(subscriptionId: string, plan: PaidPlan, key: string): Promise<void>;
  /** The smaller plan begins with the next period; a cancellation that waits for it is given up. */
  downgrade(subscriptionId: string, plan: PaidPlan, key: string): Promise<void>;
  /** Newest first; drafts are left out. */
  listInvoices(
    customerId: string,
    page: { limit: number; after: string | null },
  ): Promise<StripePage<StripeInvoice>>;
  /** As it is now; `undefined` when there never was one. */
  readCustomer(id: string): Promise<StripeCustomer | undefined>;
  /** Null of a charge that has none. */
  customerOfCharge(id: string): Promise<string | null>;
  /** All of the installation, newest first, at most 100. */
  listSubscriptions(after: string | null): Promise<StripePage<StripeSubscription>>;
  /** One image above the limit of its plan. Resolves when Stripe has accepted it. */
  reportImage(image: MeteredImage): Promise<void>;
}

/**
 * - `unavailable`: Stripe cannot be reached, is overloaded or fails; the same call may succeed later
 * - `declined`: the payment was refused by the card or needs its owner
 * - `refused`: Stripe does not do this in the present state of its object; repeating does not help
 * - `misconfigured`: a key, a price or a permission is missing; the operator has to act
 */
export type PaymentsErrorCode = 'unavailable' | 'declined' | 'refused' | 'misconfigured';

export class PaymentsError extends Error {
  override readonly name = 'PaymentsError';
  readonly code: PaymentsErrorCode;
  constructor(code: PaymentsErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** An event of Stripe whose signature was right. */
export interface StripeEvent {
  readonly id: string;
  readonly type: string;
  readonly createdAt: Date;
  readonly apiVersion: string | null;
  /** The customer whom it is about; null when it names none. */
  readonly customerId: string | null;
  /** The event as it came. */
  readonly payload: unknown;
}

/** Not made by Stripe with one of our secrets, or too long ago. */
export class SignatureRejected extends Error {
  override readonly name = 'SignatureRejected';
}

/**
 * Reads an event out of the bytes of a request and the header `Stripe-Signature`.
 * @throws SignatureRejected
 */
export type VerifyWebhook = (body: Buffer, signature: string) => Promise<StripeEvent>;
