import type { SubscriptionRow } from '../../ports/index.ts';

/** From `start` until just before `end`. */
export interface Period {
  readonly start: Date;
  readonly end: Date;
}

/**
 * The period that a unit asked for now belongs to: that of the subscription in force, else the calendar month in UTC.
 * Behind the end of a period whose renewal was not heard of, the next one has begun: that is where it will be.
 */
export function periodOf(
  subscription: Pick<SubscriptionRow, 'periodStart' | 'periodEnd'> | null,
  now: Date,
): Period {
  if (!subscription) return monthOf(now);
  let period: Period = { start: subscription.periodStart, end: subscription.periodEnd };
  while (period.end <= now) period = { start: period.end, end: aMonthBehind(period.end) };
  return period;
}

function monthOf(now: Date): Period {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  return { start: new Date(Date.UTC(year, month)), end: new Date(Date.UTC(year, month + 1)) };
}

/** The same day and time of the next month, or that month's last day. */
function aMonthBehind(moment: Date): Date {
  const next = new Date(moment);
  next.setUTCMonth(moment.getUTCMonth() + 1);
  // The 31st of a month without one has become the first days of the month behind it.
  if (next.getUTCDate() !== moment.getUTCDate()) next.setUTCDate(0);
  return next;
}
