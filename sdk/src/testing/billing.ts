import type { BillingChange, BillingStatus, CheckoutInput, Plan, Usage } from '../generated/types.ts';
import type { Handlers } from './handlers.ts';
import { page } from './paging.ts';
import { FakeProblem } from './problems.ts';
import { type FakeState, UNFINISHED } from './state.ts';

const plan = (
  id: Plan['id'],
  name: string,
  priceCents: number,
  limit: number | null,
  overage?: number,
): Plan => ({
  id,
  name,
  priceCents,
  currency: 'usd',
  limit,
  overageCents: overage ?? null,
});

const PLANS: Readonly<Record<Plan['id'], Plan>> = {
  free: plan('free', 'Free', 0, 10),
  pro: plan('pro', 'Pro', 2_900, 100, 35),
  business: plan('business', 'Business', 9_900, 500, 25),
  dev: plan('dev', 'Development', 0, null),
};

export type FakePlan = Plan['id'];

/** Units are what the fake holds: images that are ready or unfinished. One that is deleted counts no more. */
export const billingHandlers: Handlers = {
  getPlans: () => ({ items: Object.values(PLANS).filter(({ id }) => id !== 'dev') }),
  getBilling: ({ state }) => standing(state),
  updateBilling({ state }, { body }) {
    const { payAsYouGo } = body as BillingChange;
    if (!standing(state).payAsYouGo.offered) {
      throw new FakeProblem('invalid_state', 'The plan in force has no pay-as-you-go.');
    }
    const { enabled, cap = state.payAsYouGo.cap } = payAsYouGo;
    state.payAsYouGo = { enabled, cap };
    return standing(state);
  },
  createCheckoutLink({ state }, { body, url }) {
    // The route table says so; the fake believes its callers, as a compiler has checked them.
    const { plan: wanted } = body as CheckoutInput;
    state.checkouts.push(wanted);
    const expiresAt = new Date(Date.now() + 1_800_000).toISOString();
    return { url: `${url}/billing/checkout?ticket=fake${state.checkouts.length}`, expiresAt };
  },
  createPortalSession: ({ state }, { url }) => {
    requireCustomer(state);
    return { url: `${url}/portal` };
  },
  listInvoices: ({ state }, { query }) => page(state.invoices, query),
  getBillingUsage({ state }, { query }) {
    const { start, end } = monthOf(new Date());
    const moment = query['periodStart'];
    const present = moment === undefined || (moment >= start && moment < end);
    const periodStart = present ? start : moment;
    const items = present ? usageOf(state) : [];
    const listed = page(
      items.map((item, at) => ({ ...item, id: String(items.length - at).padStart(6, '0') })),
      query,
    );
    return { ...listed, periodStart, items: listed.items.map(({ id: _id, ...item }) => item) };
  },
};

/** With the fake, who is on a plan that is sold has bought it. */
function isPaid(id: FakePlan): boolean {
  return id === 'pro' || id === 'business';
}

function requireCustomer(state: FakeState): void {
  if (isPaid(state.plan)) return;
  throw new FakeProblem('invalid_state', 'The account has never bought a plan.');
}

/** How many images can be made now; infinite without a limit. */
export function unitsLeft(state: FakeState): number {
  return standing(state).remaining ?? Number.POSITIVE_INFINITY;
}

function standing(state: FakeState): BillingStatus {
  const inForce = PLANS[state.plan];
  const images = [...state.images.values()];
  const used = images.filter((image) => image.state === 'ready').length;
  const reserved = images.filter((image) => UNFINISHED.has(image.state)).length;
  const offered = inForce.overageCents !== null;
  const { enabled, cap } = state.payAsYouGo;
  const above = offered && enabled ? (cap ?? Number.POSITIVE_INFINITY) : 0;
  const most = inForce.limit === null ? Number.POSITIVE_INFINITY : inForce.limit + above;
  const period = monthOf(new Date());
  const paid = isPaid(state.plan);
  return {
    plan: inForce,
    basePlan: paid ? 'free' : state.plan,
    subscription: paid
      ? {
          plan: state.plan,
          status: 'active',
          period,
          cancelAtPeriodEnd: false,
          graceEndsAt: null,
          nextPlan: null,
        }
      : null,
    unpaidPlan: null,
    period,
    used,
    reserved,
    overage: Math.max(0, used + reserved - (inForce.limit ?? Number.POSITIVE_INFINITY)),
    remaining: most === Number.POSITIVE_INFINITY ? null : Math.max(0, most - used - reserved),
    payAsYouGo: { offered, enabled, cap },
  };
}

function monthOf(now: Date): BillingStatus['period'] {
  const month = (later: number) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + later)).toISOString();
  return { start: month(0), end: month(1) };
}

/** The newest day first. */
function usageOf(state: FakeState): Usage[] {
  const groups = new Map<string, Usage>();
  for (const { state: now, createdAt, projectId } of state.images.values()) {
    if (now !== 'ready' && !UNFINISHED.has(now)) continue;
    const day = createdAt.slice(0, 10);
    const key = `${day} ${projectId}`;
    const units = (groups.get(key)?.units ?? 0) + 1;
    groups.set(key, { day, projectId, units, overage: 0 });
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? 1 : -1)).map(([, item]) => item);
}
