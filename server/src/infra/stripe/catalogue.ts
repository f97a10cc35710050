import type Stripe from 'stripe';
import { type PaidPlan, PaymentsError } from '../../ports/index.ts';

export const PAID_PLANS: readonly PaidPlan[] = ['pro', 'business'];
/** Event name of the meter that counts images above a limit. */
export const METER_EVENT = 'stager_image';
/** In the metadata of prices: which plan one is of. A lookup key goes on to the next price when the price changes. */
export const PLAN_LABEL = 'stager_plan';
/** In the metadata of customers, sessions and subscriptions: which account they are of. */
export const ACCOUNT_LABEL = 'stager_account';

/** So long prices are believed to be the same. Milliseconds. */
const FRESH_MS = 5 * 60_000;

/** The monthly price of a plan, and that of an image above its limit. */
export interface PlanPrices {
  readonly monthly: string;
  readonly overage: string;
}

export function monthlyKey(plan: PaidPlan): string {
  return `stager_${plan}_monthly`;
}

export function overageKey(plan: PaidPlan): string {
  return `stager_${plan}_overage`;
}

/** The plan that a price is the monthly one of; null: of none of ours. */
export function planOf({ metadata, lookup_key: key, recurring }: Stripe.Price): PaidPlan | null {
  if (recurring?.usage_type === 'metered') return null;
  return (
    PAID_PLANS.find((plan) => metadata?.[PLAN_LABEL] === plan) ??
    PAID_PLANS.find((plan) => key === monthlyKey(plan)) ??
    null
  );
}

export interface PriceBook {
  /** @throws PaymentsError `misconfigured` where the account at Stripe has no such prices */
  pricesOf(plan: PaidPlan): Promise<PlanPrices>;
  /** The plan whose monthly price has this id at present. */
  planOfPrice(priceId: string): Promise<PaidPlan | null>;
}

/** Prices by their lookup keys, looked up every few minutes. */
export function createPriceBook(client: () => Promise<Stripe>, now: () => number = Date.now): PriceBook {
  let book: { at: number; idByKey: Promise<ReadonlyMap<string, string>> } | undefined;

  function look(): Promise<ReadonlyMap<string, string>> {
    if (book && now() - book.at < FRESH_MS) return book.idByKey;
    const idByKey = readPrices(client);
    book = { at: now(), idByKey };
    idByKey.catch(() => {
      book = undefined;
    });
    return idByKey;
  }

  async function priceOf(key: string): Promise<string> {
    const id = (await look()).get(key);
    if (id) return id;
    book = undefined;
    throw new PaymentsError(
      'misconfigured',
      `The account at Stripe has no active price with the lookup key ${key}. Run: npm run admin -- stripe-setup`,
    );
  }

  return {
    async pricesOf(plan) {
      return { monthly: await priceOf(monthlyKey(plan)), overage: await priceOf(overageKey(plan)) };
    },
    async planOfPrice(priceId) {
      const ids = await look();
      return PAID_PLANS.find((plan) => ids.get(monthlyKey(plan)) === priceId) ?? null;
    },
  };
}

const LOOKUP_KEYS = PAID_PLANS.flatMap((plan) => [monthlyKey(plan), overageKey(plan)]);

/** Lookup keys without a price, as it is now. */
export async function missingPrices(client: () => Promise<Stripe>): Promise<string[]> {
  const found = await readPrices(client);
  return LOOKUP_KEYS.filter((key) => !found.has(key));
}

async function readPrices(client: () => Promise<Stripe>): Promise<ReadonlyMap<string, string>> {
  const stripe = await client();
  const { data } = await stripe.prices.list({ lookup_keys: LOOKUP_KEYS, active: true, limit: 100 });
  return new Map(data.map(({ lookup_key: key, id }) => [key ?? '', id]));
}
