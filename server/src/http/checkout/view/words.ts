import type { Billing, Plan } from '../../../contract/index.ts';

const COUNT = new Intl.NumberFormat('en-US');
const MOMENT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** Whole dollars without cents. */
export function money(cents: number): string {
  const digits = cents % 100 === 0 ? 0 : 2;
  const format = { style: 'currency', currency: 'USD', minimumFractionDigits: digits } as const;
  return (cents / 100).toLocaleString('en-US', format);
}

export function count(n: number): string {
  return COUNT.format(n);
}

export function images(n: number): string {
  return `${count(n)} ${n === 1 ? 'image' : 'images'}`;
}

/** In UTC, as periods are. */
export function day(timestamp: string): string {
  return DAY.format(new Date(timestamp));
}

/** In UTC. */
function moment(timestamp: string): string {
  return `${MOMENT.format(new Date(timestamp))} UTC`;
}

/** People name a period by its last day, not by the first moment behind it. */
export function span(start: string, end: string): string {
  return DAY.formatRange(new Date(start), new Date(new Date(end).getTime() - 1));
}

export function priceOf(plan: Plan): string {
  return money(plan.priceCents);
}

export function limitOf(plan: Plan): string {
  return plan.limit === null ? 'Any number of images' : `${images(plan.limit)} a month`;
}

export type Status = { readonly tone: '' | 'warn' | 'bad'; readonly badge: string; readonly text: string };

/** How things stand, in a word and a sentence. */
export function statusOf(
  { plan, subscription, period, basePlan }: Billing,
  { next, unpaid, base }: { readonly next: Plan | null; readonly unpaid: Plan | null; readonly base: string },
): Status {
  if (!subscription && unpaid) {
    const text = `The payment for ${unpaid.name} failed, so the account is on ${plan.name}. Pay the open invoice, and ${unpaid.name} is back.`;
    return { tone: 'bad', badge: 'Payment failed', text };
  }
  if (!subscription) {
    const text =
      basePlan === 'dev' ? 'For development: nothing is charged.' : `New images on ${day(period.end)}.`;
    return { tone: '', badge: 'In force', text };
  }
  if (subscription.graceEndsAt !== null) {
    const text = `The last payment failed. Change the payment method to keep the plan: if nothing is paid by ${moment(subscription.graceEndsAt)}, the account is on the plan ${base} from then on.`;
    return { tone: 'bad', badge: 'Payment failed', text };
  }
  const end = day(subscription.period.end);
  if (subscription.cancelAtPeriodEnd) {
    return {
      tone: 'warn',
      badge: 'Canceled',
      text: `It stays in force until ${end} and is not charged again.`,
    };
  }
  if (next) return { tone: 'warn', badge: 'Changes', text: `Until ${end}; then ${next.name} begins.` };
  if (subscription.status === 'trialing')
    return { tone: '', badge: 'Trial', text: `First payment on ${end}.` };
  return { tone: '', badge: 'Active', text: `Renews on ${end}.` };
}
