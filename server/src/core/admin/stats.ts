import {
  type AccountUsage,
  type ImageCounts,
  type ImageState,
  STATS_PARTS,
  type Stats,
  type StatsPart,
} from '../../contract/index.ts';
import type { PlanSum } from '../../ports/index.ts';
import type { Plans } from '../billing/plans.ts';
import { toStanding } from '../billing/standing.ts';
import { firstIdSince } from '../ids.ts';
import { noAccount } from './accounts.ts';
import type { AdminAct } from './context.ts';

/** Jobs of this time are looked at for failures. */
const FAILURES_MS = 24 * 60 * 60 * 1000;

/** What cannot be counted in time is null, and named. */
export async function countStats({ tx: { stats }, now }: AdminAct, plans: Plans): Promise<Stats> {
  const since = new Date(now.getTime() - FAILURES_MS);
  const accounts = (await stats.accounts()) ?? null;
  const images = await stats.images();
  const due = await stats.oldestDue();
  const ended = await stats.ended(firstIdSince('job', since));
  const storage = (await stats.storage()) ?? null;
  const sums = await stats.plans();
  const parts: Omit<Stats, 'at' | 'skipped'> = {
    accounts,
    images: images ? countsOf(images) : null,
    queue: due ? { oldestDueSeconds: due.at && secondsBetween(due.at, now) } : null,
    failures: ended
      ? { since: since.toISOString(), ...ended, rate: shareOf(ended.dead, ended.done + ended.dead) }
      : null,
    storage,
    spend: sums ? spendOf(sums, plans) : null,
  };
  const skipped: StatsPart[] = STATS_PARTS.filter((part) => parts[part] === null);
  return { at: now.toISOString(), ...parts, skipped };
}

/** A job may fall due between the beginning of the request and the look at it. */
function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000);
}

export function shareOf(part: number, all: number): number | null {
  return all === 0 ? null : part / all;
}

export function spendOf(sums: readonly PlanSum[], plans: Plans): NonNullable<Stats['spend']> {
  const total = { subscriptions: 0, monthlyCents: 0, overageUnits: 0, overageCents: 0 };
  for (const { plan, paying, overage } of sums) {
    const { priceCents, overageCents } = plans[plan];
    total.subscriptions += paying;
    total.monthlyCents += paying * priceCents;
    total.overageUnits += overage;
    total.overageCents += overage * (overageCents ?? 0);
  }
  return { currency: 'usd', ...total };
}

export async function accountUsage(act: AdminAct, plans: Plans, id: string): Promise<AccountUsage> {
  const { tx, now } = act;
  const row = await tx.billing.standing(id, now);
  if (!row) throw noAccount(id);
  const { plan, period, usage, subscription, allowance } = toStanding(row, plans, now);
  return {
    accountId: id,
    plan: plan.id,
    period: { start: period.start.toISOString(), end: period.end.toISOString() },
    units: usage.units,
    limit: allowance.limit,
    overageUnits: usage.overage,
    planCents: subscription && subscription.status !== 'trialing' ? plan.priceCents : 0,
    overageCents: usage.overage * (plan.overageCents ?? 0),
    images: countsOf(await tx.stats.imagesOf(id)),
    storage: await tx.stats.storageOf(id),
  };
}

function countsOf(counts: ReadonlyMap<ImageState, number>): ImageCounts {
  const of = (state: ImageState) => counts.get(state) ?? 0;
  return {
    queued: of('queued'),
    processing: of('processing'),
    ready: of('ready'),
    error: of('error'),
    canceled: of('canceled'),
  };
}
