import { hasRole } from '../../contract/index.ts';
import { changeBilling, readBilling } from '../../core/billing/account.ts';
import { offeredPlans, planIdOf } from '../../core/billing/plans.ts';
import { waitsForPayment } from '../../core/billing/purchases/changes.ts';
import { cancelPage, overviewPage } from './view/overview.ts';
import type { PayAsYouGoForm } from './view/payAsYouGo.ts';
import { type Answer, inTransaction, type MemberVisit, readAct } from './visit.ts';

/** What was just done, told once on the next page; the address names it, and says nothing of its own. */
const DONE: ReadonlyMap<string, string> = new Map([
  ['canceled', 'Your plan is canceled. It stays in force until the end of the period.'],
  ['resumed', 'Your plan goes on as before.'],
  ['smaller', 'The smaller plan begins with the next period. Until then everything stays as it is.'],
  ['saved', 'Saved.'],
]);

export async function showOverview(visit: MemberVisit): Promise<Answer> {
  const billing = await readBilling(readAct(visit), visit.deps.settings.plans);
  const { enabled, cap } = billing.payAsYouGo;
  const form = { enabled, cap: cap === null ? '' : String(cap), error: undefined };
  return { page: await render(visit, form, doneOf(visit)) };
}

/** A link that somebody has sent does not tell that something was done. */
function doneOf({ ctx, query }: MemberVisit): string | undefined {
  const site = ctx.get('sec-fetch-site');
  return site === '' || site === 'same-origin' ? DONE.get(query.get('done') ?? '') : undefined;
}

async function render(visit: MemberVisit, form: PayAsYouGoForm, done?: string): Promise<string> {
  const { deps, viewer, session } = visit;
  const { plans } = deps.settings;
  const { accountId } = session.caller;
  const { stripe } = readAct(visit).tx;
  const running = await stripe.subscription(accountId);
  const billing = await readBilling(readAct(visit), plans);
  const nextPlan = billing.subscription?.nextPlan;
  return overviewPage({
    running: running !== undefined,
    unpaid: running && waitsForPayment(running) ? plans[planIdOf(running.plan)] : null,
    next: nextPlan ? plans[nextPlan] : null,
    customer: (await stripe.customer(accountId)).customerId !== null,
    viewer,
    accountName: session.caller.account.name,
    billing,
    plans: offeredPlans(plans),
    mayChange: mayChange(visit),
    mayPay: deps.payments !== null,
    done,
    form,
  });
}

export function mayChange({ session }: Pick<MemberVisit, 'session'>): boolean {
  return hasRole(session.caller.role, 'owner') && session.scopes.includes('billing:write');
}

const CAP_MAX = 1_000_000;
/** As people write numbers in English; what may mean something else, such as `1.000`, is not guessed at. */
const WHOLE = /^(\d{1,9}|\d{1,3}([, ]\d{3})+)$/;

export async function setPayAsYouGo(visit: MemberVisit): Promise<Answer> {
  const { form, deps } = visit;
  const enabled = form.get('enabled') === 'on';
  const text = (form.get('cap') ?? '').trim();
  const cap = text === '' ? null : WHOLE.test(text) ? Number(text.replaceAll(/[, ]/g, '')) : Number.NaN;
  if (cap !== null && !(cap >= 1 && cap <= CAP_MAX)) {
    const error = 'Write a whole number from 1 to 1,000,000, or leave it empty.';
    return { status: 422, page: await render(visit, { enabled, cap: text, error }) };
  }
  await inTransaction(visit, (act) =>
    changeBilling(act, deps.settings.plans, { payAsYouGo: { enabled, cap } }),
  );
  return { to: '/billing?done=saved' };
}

export async function confirmCancel(visit: MemberVisit): Promise<Answer> {
  const { plans } = visit.deps.settings;
  const { accountId, account } = visit.session.caller;
  const act = readAct(visit);
  const billing = await readBilling(act, plans);
  const running = await act.tx.stripe.subscription(accountId);
  if (!running || billing.subscription?.cancelAtPeriodEnd) return { to: '/billing' };
  const view = { viewer: visit.viewer, accountName: account.name, base: plans[billing.basePlan] };
  const plan = plans[planIdOf(running.plan)];
  return {
    page: cancelPage({ ...view, plan, end: billing.period.end, unpaid: waitsForPayment(running) }),
  };
}
