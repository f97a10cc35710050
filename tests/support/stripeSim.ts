import { randomUUID } from 'node:crypto';
import {
  type CheckoutSession,
  type MeteredImage,
  type PaidPlan,
  type Payments,
  PaymentsError,
  type StripeCustomer,
  type StripeSubscription,
} from '../../server/src/ports/index.ts';

const DAY_MS = 86_400_000;

/** Stripe behind the port, in memory: what it is asked twice with one key, it does once. */
export interface StripeSim {
  readonly payments: Payments;
  readonly customers: Map<string, StripeCustomer>;
  readonly sessions: Map<string, CheckoutSession & { readonly plan: PaidPlan }>;
  readonly meters: MeteredImage[];
  readonly charges: Map<string, string>;
  /** Names of the calls that were made, in order. */
  readonly calls: string[];
  /** Comes before each call; throws, or waits, in its place. */
  intercept: (method: string) => Promise<void>;
  /** Comes behind each call, when its outcome is lost to the caller. */
  loseAnswer: (method: string) => boolean;
  /** As a day later. */
  forgetKeys(): void;
  addCustomer(id: string, accountId: string | null): void;
  /** Changes one of a customer's subscriptions, or adds it. */
  set(customerId: string, wish: Partial<StripeSubscription> & { readonly id: string }): StripeSubscription;
  /** The customer pays at the page: a subscription begins. */
  pay(sessionId: string): StripeSubscription;
}

export function createStripeSim(): StripeSim {
  const customers = new Map<string, StripeCustomer>();
  const sessions: StripeSim['sessions'] = new Map();
  const meters = new Map<string, MeteredImage>();
  const answers = new Map<string, Promise<unknown>>();
  const next = (prefix: string) => `${prefix}_${randomUUID().replaceAll('-', '')}`;

  const sim: Omit<StripeSim, 'payments'> = {
    customers,
    sessions,
    charges: new Map(),
    calls: [],
    get meters(): MeteredImage[] {
      return [...meters.values()];
    },
    intercept: async () => undefined,
    loseAnswer: () => false,
    forgetKeys: () => answers.clear(),
    addCustomer(id, accountId) {
      customers.set(id, { id, accountId, deleted: false, subscriptions: [] });
    },
    set(customerId, wish) {
      const customer = get(customerId);
      const before = customer.subscriptions.find(({ id }) => id === wish.id) ?? aSubscription(customerId);
      const after = { ...before, ...wish };
      const others = customer.subscriptions.filter(({ id }) => id !== wish.id);
      customers.set(customerId, { ...customer, subscriptions: [...others, after] });
      return after;
    },
    pay(sessionId) {
      const session = sessions.get(sessionId);
      if (session?.status !== 'open' || !session.customerId) throw new Error(`${sessionId} is not open`);
      sessions.set(sessionId, { ...session, status: 'complete', url: null });
      return sim.set(session.customerId, { id: next('sub'), plan: session.plan });
    },
  };

  function get(id: string): StripeCustomer {
    const customer = customers.get(id);
    if (!customer) throw new PaymentsError('refused', `no such customer: ${id}`);
    return customer;
  }

  function ownerOf(subscriptionId: string): string {
    for (const { id, subscriptions } of customers.values()) {
      if (subscriptions.some((one) => one.id === subscriptionId)) return id;
    }
    throw new PaymentsError('refused', `no such subscription: ${subscriptionId}`);
  }

  /** The same key has the same answer. */
  async function once<T>(method: string, key: string, run: () => T): Promise<T> {
    sim.calls.push(method);
    await sim.intercept(method);
    if (!answers.has(key)) {
      answers.set(key, Promise.resolve().then(run));
    }
    if (sim.loseAnswer(method)) throw new PaymentsError('unavailable', 'the answer was lost');
    // What was kept with a key is what this call made.
    return answers.get(key) as Promise<T>;
  }

  async function read<T>(method: string, run: () => T): Promise<T> {
    sim.calls.push(method);
    await sim.intercept(method);
    return run();
  }

  const payments: Payments = {
    check: () => read('check', () => ({ apiVersion: 'sim', live: false, missingPrices: [] })),
    createCustomer: ({ accountId }, key) =>
      once('createCustomer', key, () => {
        const id = next('cus');
        sim.addCustomer(id, accountId);
        return id;
      }),
    createCheckout: ({ accountId, customerId, plan, successUrl }, key) =>
      once('createCheckout', key, () => {
        const id = next('cs');
        const url = `https://pay.example/${id}?back=${encodeURIComponent(successUrl)}`;
        const expiresAt = new Date(Date.now() + DAY_MS);
        const session = { id, status: 'open', url, expiresAt, customerId, accountId, plan } as const;
        sessions.set(id, session);
        return session;
      }),
    getCheckout: (id) =>
      read('getCheckout', () => {
        const session = sessions.get(id);
        if (!session) throw new PaymentsError('refused', `no such session: ${id}`);
        return session;
      }),
    expireCheckout: (id, key) =>
      once('expireCheckout', key, () => {
        const session = sessions.get(id);
        if (session?.status !== 'open') throw new PaymentsError('refused', `${id} is not open`);
        sessions.set(id, { ...session, status: 'expired', url: null });
      }),
    createPortal: ({ customerId }, key) =>
      once('createPortal', key, () => `https://pay.example/portal/${get(customerId).id}/${next('bps')}`),
    setCancelAtPeriodEnd: (id, cancel, key) =>
      once('setCancelAtPeriodEnd', key, () => {
        sim.set(ownerOf(id), { id, cancelAtPeriodEnd: cancel, nextPlan: null });
      }),
    upgrade: (id, plan, key) =>
      once('upgrade', key, () => {
        sim.set(ownerOf(id), { id, plan, nextPlan: null, cancelAtPeriodEnd: false });
      }),
    downgrade: (id, plan, key) =>
      once('downgrade', key, () => {
        sim.set(ownerOf(id), { id, nextPlan: plan, cancelAtPeriodEnd: false });
      }),
    listInvoices: () => read('listInvoices', () => ({ items: [], next: null })),
    readCustomer: (id) => read('readCustomer', () => customers.get(id)),
    customerOfCharge: (id) => read('customerOfCharge', () => sim.charges.get(id) ?? null),
    listSubscriptions: () =>
      read('listSubscriptions', () => ({
        items: [...customers.values()].flatMap(({ subscriptions }) => subscriptions),
        next: null,
      })),
    reportImage: (image) =>
      once('reportImage', image.entryId, () => {
        meters.set(image.entryId, image);
      }),
  };
  return Object.assign(sim, { payments });
}

/** To the second, as Stripe has moments. */
export function aSubscription(
  customerId: string,
  wish: Partial<StripeSubscription> = {},
): StripeSubscription {
  const start = Math.floor(Date.now() / 1000) * 1000 - DAY_MS;
  return {
    id: 'sub_1',
    customerId,
    plan: 'pro',
    status: 'active',
    periodStart: new Date(start),
    periodEnd: new Date(start + 30 * DAY_MS),
    cancelAtPeriodEnd: false,
    pastDueSince: null,
    nextPlan: null,
    createdAt: new Date(start),
    ...wish,
  };
}
