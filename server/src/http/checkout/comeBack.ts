import { PaidPlanId, type Plan } from '../../contract/index.ts';
import { readBilling } from '../../core/billing/account.ts';
import { alreadyActive, hasAlready } from './buy.ts';
import { linkButton, noticePage } from './view/layout.ts';
import { waitPage, waitWords } from './view/wait.ts';
import { type Answer, type MemberVisit, readAct } from './visit.ts';
import { isLong, secondsToLook } from './waiting.ts';

/**
 * Stripe sends people here as soon as they have paid; its word comes to us on another way. Without a script the page
 * comes again by itself. With one it goes over to its other form, which stays and asks `/billing/state`.
 */
export async function showSuccess(visit: MemberVisit): Promise<Answer> {
  const { query, viewer, session } = visit;
  const wait = await readWait(visit);
  if (!wait) return { to: '/billing' };
  const { plan, looks, seconds, active } = wait;
  if (active) return alreadyActive(visit, plan);
  const again = `/billing/success?plan=${plan.id}`;
  const words = waitWords(plan, { long: isLong(looks), given: seconds === null });
  const view = { viewer, accountName: session.caller.account.name, plan, again, words };
  if (seconds === null) return { page: waitPage({ ...view, given: true, script: false }) };
  const page = waitPage({ ...view, given: false, script: true });
  if (query.has('live')) return { page, scripted: true };
  return { page, scripted: true, refresh: { seconds, to: `${again}&look=${looks + 1}` } };
}

/** What the page that stays asks: whether there is another page now, and what to say until then. */
export async function tellState(visit: MemberVisit): Promise<Answer> {
  const wait = await readWait(visit);
  if (!wait) return { to: '/billing' };
  const { plan, looks, seconds, active } = wait;
  const words = waitWords(plan, { long: isLong(looks), given: false });
  return { json: active || seconds === null ? { done: true } : { done: false, words, seconds } };
}

interface Wait {
  readonly plan: Plan;
  readonly active: boolean;
  /** Looks that the page has taken by itself. */
  readonly looks: number;
  /** Until the next one; null: there is none. */
  readonly seconds: number | null;
}

async function readWait(visit: MemberVisit): Promise<Wait | undefined> {
  const { query, deps } = visit;
  const planId = PaidPlanId.safeParse(query.get('plan')).data;
  if (planId === undefined) return undefined;
  const plan = deps.settings.plans[planId];
  const looks = Math.max(0, Math.trunc(Number(query.get('look')))) || 0;
  const billing = await readBilling(readAct(visit), deps.settings.plans);
  return { plan, active: hasAlready(billing, plan), looks, seconds: secondsToLook(looks) };
}

/** Back from Stripe without having paid. */
export async function showCanceled({ query, deps, viewer, session }: MemberVisit): Promise<Answer> {
  const planId = PaidPlanId.safeParse(query.get('plan')).data;
  if (planId === undefined) return { to: '/billing' };
  const { name } = deps.settings.plans[planId];
  const text = [
    `Nothing was charged, and the plan of the account ${session.caller.account.name} is as it was.`,
    'Your projects and images are not touched. Go on whenever you like.',
  ];
  const actions = [
    linkButton(`/billing/checkout?plan=${planId}`, `Go on with ${name}`, true),
    linkButton('/billing', 'To the plans'),
  ];
  return { page: noticePage(viewer, { sign: 'warn', title: 'You have not paid', text, actions }) };
}
