import { Billing, type BillingStatus } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import { renderFacts } from '../io/facts.ts';
import type { Rendered, View } from '../io/io.ts';
import { renderTable } from '../io/table.ts';
import { count, formatUntil } from '../io/text.ts';

/** Needs no login; with one, the plan in force is marked. */
export async function showPlans(context: Context): Promise<Rendered> {
  const { signal } = context;
  const [plans, inForce] = await Promise.all([
    new Billing(await context.anonymous()).plans({ signal }),
    planInForce(context),
  ]);
  return {
    json: () => plans,
    text({ style, columns }) {
      const rows = plans.map((plan) => [
        plan.id,
        clean(plan.name),
        formatMoney(plan.priceCents),
        plan.limit === null ? 'no limit' : String(plan.limit),
        plan.overageCents === null ? '-' : formatMoney(plan.overageCents),
        plan.id === inForce ? '← yours' : '',
      ]);
      const titles = ['PLAN', 'NAME', 'A MONTH', 'IMAGES', 'ONE MORE', ''];
      return renderTable(
        titles.map((title, at) => (at === 5 ? { title, paint: style.green } : { title })),
        rows,
        columns,
        style.dim,
      );
    },
  };
}

/** Only a mark in a table: whoever is not logged in sees the plans all the same. */
async function planInForce(context: Context): Promise<string | undefined> {
  try {
    const { plan } = await new Billing(await context.stager()).status({ signal: context.signal });
    return plan.id;
  } catch {
    context.signal.throwIfAborted();
    return undefined;
  }
}

export async function showBilling(context: Context): Promise<Rendered> {
  const state = await new Billing(await context.stager()).status({ signal: context.signal });
  return { json: () => state, text: (view) => renderBilling(state, view) };
}

export function renderBilling(state: BillingStatus, view: View): string {
  const { plan, unpaidPlan } = state;
  const rows: [string, string][] = [
    ['Plan', `${view.style.bold(clean(plan.name))}  ${describePlan(state)}`],
    ['Subscription', describeSubscription(state)],
    ['Not paid', unpaidPlan ? `${unpaidPlan}: pay with stager billing portal, and it is back` : ''],
    ['Period', describePeriod(state)],
    ['Images', describeUse(state)],
    ['Above', describePayAsYouGo(state)],
  ];
  return renderFacts(rows, 14, view);
}

/** What is given without a subscription costs nothing, whatever it costs others. */
function describePlan({ plan: { priceCents, limit }, subscription }: BillingStatus): string {
  const price = subscription && priceCents > 0 ? `${formatMoney(priceCents)} a month` : 'free';
  return `${price}, ${limit === null ? 'no limit' : count(limit, 'image')}`;
}

function describeSubscription({ subscription, basePlan }: BillingStatus): string {
  if (!subscription) return '';
  const { status, cancelAtPeriodEnd, graceEndsAt, period, nextPlan } = subscription;
  if (status === 'past_due') {
    return `past due: pay with stager billing portal ${graceEndsAt ? `by ${minute(graceEndsAt)}` : 'now'}, else ${basePlan}`;
  }
  if (cancelAtPeriodEnd) return `ends ${day(period.end)}, then ${basePlan}`;
  if (nextPlan !== null) return `${status}, becomes ${nextPlan} ${day(period.end)}`;
  return `${status}, renews ${day(period.end)}`;
}

export const describePeriod = ({ period }: Pick<BillingStatus, 'period'>): string =>
  `${day(period.start)} to ${day(period.end)}, ends ${formatUntil(period.end, Date.now())}`;

export function describeUse({ plan, used, reserved, remaining }: BillingStatus): string {
  const of = plan.limit === null ? '' : ` of ${plan.limit}`;
  const left = remaining === null ? 'no limit' : `${remaining} left`;
  return `${used}${of} ready, ${reserved} in work, ${left}`;
}

function describePayAsYouGo({ plan, payAsYouGo: { enabled, cap, offered }, overage }: BillingStatus): string {
  if (!offered) return 'not with this plan';
  const price = plan.overageCents === null ? '' : `${formatMoney(plan.overageCents)} an image`;
  if (!enabled) return `off; stager billing pay-as-you-go on makes more, ${price}`;
  const most = cap === null ? 'no cap' : `at most ${cap}`;
  return `pay-as-you-go on, ${price}, ${most}; ${overage} so far`;
}

export async function switchPayAsYouGo(
  context: Context,
  wanted: 'on' | 'off' | undefined,
  cap: number | undefined,
  yes: boolean,
): Promise<Rendered> {
  if (wanted === undefined && cap === undefined) return showBilling(context);
  const { signal } = context;
  const billing = new Billing(await context.stager());
  const before = await billing.status({ signal });
  const enabled = wanted === undefined ? before.payAsYouGo.enabled : wanted === 'on';
  if (enabled) await confirmCost(context, before, cap, yes);
  // 0 is typed more easily than "none", and an amount of none at all is what `off` is for.
  const change = cap === undefined ? { enabled } : { enabled, cap: cap === 0 ? null : cap };
  const state = await billing.setPayAsYouGo(change, { signal });
  return { json: () => state, text: (view) => renderBilling(state, view) };
}

async function confirmCost(
  context: Context,
  { plan, payAsYouGo }: BillingStatus,
  cap: number | undefined,
  yes: boolean,
): Promise<void> {
  if (!payAsYouGo.offered || plan.overageCents === null) {
    throw usageError(
      `The plan ${clean(plan.name)} has no pay-as-you-go.`,
      'stager billing plans shows which have it.',
    );
  }
  const most = cap === undefined ? payAsYouGo.cap : cap === 0 ? null : cap;
  const total = most === null ? 'without a cap' : `at most ${formatMoney(most * plan.overageCents)} a period`;
  await confirm(
    context,
    `Pay ${formatMoney(plan.overageCents)} for each image above the limit, ${total}?`,
    yes,
  );
}

/** Cents as dollars: `$29`, `$0.35` or `-$5`. */
export function formatMoney(cents: number): string {
  const dollars = Math.abs(cents) / 100;
  return `${cents < 0 ? '-' : ''}$${cents % 100 === 0 ? dollars : dollars.toFixed(2)}`;
}

/** A moment, in UTC. */
const minute = (at: string): string => `${at.slice(0, 10)} ${at.slice(11, 16)} UTC`;

/** The day of a moment, in UTC. */
export const day = (at: string): string => at.slice(0, 10);
