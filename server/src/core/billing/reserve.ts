import type { Plan } from '../../contract/index.ts';
import type { NewEvent, NewReservation } from '../../ports/index.ts';
import type { Act } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { standingOf } from './account.ts';
import { crossings, nextCrossing, usageEvent } from './crossings.ts';
import { isLarger, offeredPlans, type Plans } from './plans.ts';
import { type Allowance, unitsLeft } from './quota.ts';
import { type Standing, toStanding } from './standing.ts';

/** An image that takes a unit. */
export interface Taken {
  readonly imageId: string;
  /** Above the limit of the plan. */
  readonly overage: boolean;
}

/**
 * How the account stands, for somebody who wants so many units. Nobody waits for others far from the limit: that the
 * units still stay below is looked at when they are written; nor where nothing is left. Otherwise as `lockStanding`.
 */
export async function standingFor(act: Act, plans: Plans, wanted: number): Promise<Standing> {
  const standing = await standingOf(act, plans);
  const { allowance, usage } = standing;
  const ample = allowance.units - allowance.overage + wanted < nextCrossing(allowance, usage);
  return ample || unitsLeft(allowance) === 0 ? standing : lockStanding(act, plans);
}

/** How the account stands, and nobody else reserves anything for it until the end of the transaction. */
export async function lockStanding({ tx, caller, now }: Act, plans: Plans): Promise<Standing> {
  const row = await tx.billing.lockStanding(caller.accountId, now);
  if (!row) throw notFound('account', caller.accountId);
  return toStanding(row, plans, now);
}

/** The events that tell of a limit that is nearly, or wholly, used with what was granted. */
export function usageEvents(standing: Standing, allowance: Allowance, now: Date): NewEvent[] {
  return crossings(standing, allowance).map((type) => usageEvent(type, standing, allowance, now));
}

/** What was granted, for images that are made in this transaction or begin anew in it. */
export function reservationOf(
  { now }: Pick<Act, 'now'>,
  standing: Standing,
  allowance: Allowance,
  { projectId, taken }: { readonly projectId: string | null; readonly taken: readonly Taken[] },
): NewReservation {
  const crossed = crossings(standing, allowance);
  return {
    period: standing.period,
    seen: standing.usage,
    below: nextCrossing(allowance, standing.usage),
    at: now,
    projectId,
    entries: taken.map((unit) => ({ id: newId('led'), ...unit })),
    warnedLimit: crossed.includes('billing.usage_warning') ? allowance.limit : null,
    exhaustedLimit: crossed.includes('billing.usage_exhausted') ? allowance.limit : null,
  };
}

/** What there is to be had, and whether it is sold here. */
export interface Tariff {
  readonly plans: Plans;
  /** False where this installation takes no payments. */
  readonly sold: boolean;
}

/** Page on which a plan is bought. */
const BILLING_PAGE = '/billing';

export function quotaExceeded(
  { caller }: Pick<Act, 'caller'>,
  { plans, sold }: Tariff,
  standing: Standing,
  allowance: Allowance,
  wanted: number,
) {
  const isOwner = caller.role !== 'member';
  const larger = sold ? largerPlan(plans, standing.plan) : undefined;
  const ways = waysOut(standing, larger, isOwner);
  return new DomainError('quota_exceeded', explain(standing, allowance, wanted, ways), {
    // A page that can be opened by owners alone is no way out for others.
    ...(larger && isOwner ? { link: BILLING_PAGE } : {}),
  });
}

/** The next larger plan that can be bought and includes more; `undefined` for the largest. */
function largerPlan(plans: Plans, { id, limit }: Plan): Plan | undefined {
  const includesMore = (plan: Plan) => plan.limit === null || (limit !== null && plan.limit > limit);
  return offeredPlans(plans).find((plan) => isLarger(plan.id, id) && includesMore(plan));
}

function waysOut(
  { period, payAsYouGo, offersPayAsYouGo }: Standing,
  larger: Plan | undefined,
  isOwner: boolean,
): string[] {
  const ask = isOwner ? '' : 'ask an owner of the account to ';
  const choose = isOwner
    ? `choose a larger plan with \`stager billing checkout --plan ${larger?.id}\``
    : `${ask}choose a larger plan`;
  return [
    ...(larger ? [choose] : []),
    ...(offersPayAsYouGo
      ? [`${ask}${payAsYouGo.enabled ? 'raise the cap of pay-as-you-go' : 'switch pay-as-you-go on'}`]
      : []),
    `wait until ${period.end.toISOString().slice(0, 16).replace('T', ' ')} UTC`,
  ];
}

function explain({ plan }: Standing, allowance: Allowance, wanted: number, ways: readonly string[]): string {
  const used = allowance.units - allowance.overage;
  const above = allowance.overage > 0 ? `, and ${allowance.overage} above that` : '';
  return (
    `This needs ${wanted} ${wanted === 1 ? 'image' : 'images'} and ${unitsLeft(allowance)} can be made: ${used} of ` +
    `${plan.limit} of the plan ${plan.name} are used${above}. ${capitalized(ways.join(', or '))}.`
  );
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
