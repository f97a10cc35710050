import { PLAN_IDS, type Plan, PlanId, type PlanOverrides } from '../../contract/index.ts';

export type Plans = Readonly<Record<PlanId, Plan>>;

const DEFAULTS: Plans = {
  free: { id: 'free', name: 'Free', priceCents: 0, currency: 'usd', limit: 10, overageCents: null },
  pro: { id: 'pro', name: 'Pro', priceCents: 2_900, currency: 'usd', limit: 100, overageCents: 35 },
  business: {
    id: 'business',
    name: 'Business',
    priceCents: 9_900,
    currency: 'usd',
    limit: 500,
    overageCents: 25,
  },
  dev: { id: 'dev', name: 'Development', priceCents: 0, currency: 'usd', limit: null, overageCents: null },
};

export function plansWith({ free, pro, business }: PlanOverrides = {}): Plans {
  return {
    ...DEFAULTS,
    free: changed(DEFAULTS.free, free),
    pro: changed(DEFAULTS.pro, pro),
    business: changed(DEFAULTS.business, business),
  };
}

function changed(plan: Plan, numbers: PlanOverrides['pro'] = {}): Plan {
  const { priceCents = plan.priceCents, limit = plan.limit, overageCents = plan.overageCents } = numbers;
  return { ...plan, priceCents, limit, overageCents };
}

/** Plans that an account can choose, the smallest first. */
export function offeredPlans(plans: Plans): Plan[] {
  return PLAN_IDS.filter((id) => id !== 'dev').map((id) => plans[id]);
}

/** The plan that an account's row names; what nobody knows is the smallest. */
export function planIdOf(text: string): PlanId {
  return PlanId.safeParse(text).data ?? 'free';
}

/** Of two plans, whether the first is the larger one. */
export function isLarger(one: PlanId, other: PlanId): boolean {
  return PLAN_IDS.indexOf(one) > PLAN_IDS.indexOf(other);
}
