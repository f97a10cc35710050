import type { UsageEvent } from '../../contract/index.ts';
import type { NewEvent, PeriodUsage } from '../../ports/index.ts';
import type { Allowance } from './quota.ts';
import type { Standing } from './standing.ts';

type Crossing = UsageEvent['type'];

/** Parts of the limit, in hundredths, at which it is told. */
const WARNING = 80;
const EXHAUSTED = 100;

/**
 * What is told now that so much is used: each once a period and limit, so that a larger plan is told of anew.
 * @param allowance with what was granted
 */
export function crossings({ usage }: Pick<Standing, 'usage'>, allowance: Allowance): Crossing[] {
  const { limit, units, overage } = allowance;
  if (limit === null || limit === 0) return [];
  const reached = (hundredths: number) => (units - overage) * 100 >= limit * hundredths;
  return [
    ...(reached(WARNING) && usage.warnedLimit !== limit ? (['billing.usage_warning'] as const) : []),
    ...(reached(EXHAUSTED) && usage.exhaustedLimit !== limit ? (['billing.usage_exhausted'] as const) : []),
  ];
}

/** Units of the plan below which nothing is told, and nothing refused. */
export function nextCrossing({ limit }: Pick<Allowance, 'limit'>, { warnedLimit }: PeriodUsage): number {
  if (limit === null) return Number.POSITIVE_INFINITY;
  return warnedLimit === limit ? limit : Math.ceil((limit * WARNING) / EXHAUSTED);
}

export function usageEvent(
  type: Crossing,
  { plan, period }: Standing,
  { units, overage }: Allowance,
  at: Date,
): NewEvent {
  const data: UsageEvent = {
    type,
    plan: plan.id,
    period: { start: period.start.toISOString(), end: period.end.toISOString() },
    used: units - overage,
    // Of a plan without a limit nothing is told.
    limit: plan.limit ?? 0,
    at: at.toISOString(),
  };
  return { type, imageId: null, projectId: null, data };
}
