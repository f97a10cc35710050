import { type Billing, PaidPlanId, type Plan } from '../../contract/index.ts';
import { requireStill } from '../../core/accounts/members.ts';
import { readBilling } from '../../core/billing/account.ts';
import { isLarger, planIdOf } from '../../core/billing/plans.ts';
import { cancelPlan, changePlan, resumePlan, waitsForPayment } from '../../core/billing/purchases/changes.ts';
import { startCheckout } from '../../core/billing/purchases/checkout.ts';
import { type Desk, paymentsOf } from '../../core/billing/purchases/desk.ts';
import { openPortal } from '../../core/billing/purchases/portal.ts';
import { readTicket, type TicketState, ticketState, useTicket } from '../../core/billing/tickets.ts';
import { otherLoginPath } from './login.ts';
import { linkButton, noticePage, postButton } from './view/layout.ts';
import { orderPage } from './view/order.ts';
import { type Answer, actOf, inTransaction, type MemberVisit, readAct } from './visit.ts';

const ATTEMPT = /^att_[0-9a-z]{26}$/;

/** What is to be bought, as a link or a form says it. */
type Order =
  | { readonly plan: PaidPlanId; readonly ticket: string | undefined; readonly attempt: string }
  | { readonly refused: Answer };

/** Shows what would be bought. Changes nothing, whoever looks at the link. */
export async function showOrder(visit: MemberVisit): Promise<Answer> {
  const { viewer, session, ctx, deps } = visit;
  const order = await readOrder(visit, visit.query);
  if ('refused' in order) return order.refused;
  const unpaid = await whileUnpaid(visit);
  if (unpaid) return unpaid;
  const billing = await readBilling(readAct(visit), deps.settings.plans);
  const plan = deps.settings.plans[order.plan];
  if (hasAlready(billing, plan)) return alreadyActive(visit, plan);
  const view = { viewer, accountName: session.caller.account.name, billing, plan };
  return { page: orderPage({ ...view, ...order, plan, otherLogin: otherLoginPath(ctx.url) }) };
}

/** The plan of a ticket, or the one that was chosen on a page. */
async function readOrder(visit: MemberVisit, fields: URLSearchParams): Promise<Order> {
  const text = fields.get('ticket');
  if (text === null) {
    const plan = PaidPlanId.safeParse(fields.get('plan'));
    return plan.success
      ? { plan: plan.data, ticket: undefined, attempt: attemptOf(visit) }
      : { refused: { to: '/billing#plans' } };
  }
  const ticket = readTicket(visit.pages.keyring, text);
  if (!ticket) return { refused: refuse(visit, 404, ...NO_LINK) };
  const { accountId } = visit.session.caller;
  if (ticket.accountId !== accountId) return { refused: otherAccount(visit, ticket.accountId) };
  const row = await readAct(visit).tx.tickets.get(accountId, ticket.id);
  if (!row) return { refused: refuse(visit, 410, ...EXPIRED) };
  const plan = PaidPlanId.parse(row.plan);
  const state = visit.ctx.method === 'POST' ? await consume(visit, ticket.id) : ticketState(row, visit.now);
  if (state !== 'open') return { refused: await answerSpent(visit, state, plan) };
  return { plan, ticket: text, attempt: ticket.id };
}

/** Sent twice, a form is one act: the page that it is on has given it a name. An address gives none: anybody writes those. */
function attemptOf({ viewer, form }: MemberVisit): string {
  const given = form.get('attempt') ?? '';
  return ATTEMPT.test(given) ? given : viewer.attempt;
}

function consume(visit: MemberVisit, id: string): Promise<TicketState> {
  return inTransaction(visit, async (act) => {
    await requireStill(act, 'owner');
    return useTicket(act, id);
  });
}

const NO_LINK = [
  'This link is not whole',
  'Copy it once more from your terminal, with everything up to its end.',
] as const;
const EXPIRED = ['This link has expired', 'Links are good for half an hour. Nothing was bought.'] as const;

function refuse({ viewer }: MemberVisit, status: number, title: string, ...text: string[]): Answer {
  const actions = [linkButton('/billing', 'To the plans', true)];
  return { status, page: noticePage(viewer, { sign: 'warn', title, text, actions }) };
}

function otherAccount({ viewer, session, ctx }: MemberVisit, meant: string): Answer {
  const { account } = session.caller;
  const text = [
    `You are logged in to the account ${account.name} (${account.id}). The link was made for the account ${meant}, and nothing was bought for either.`,
    'Log in as a member of that account to go on.',
  ];
  const actions = [
    linkButton(otherLoginPath(ctx.method === 'POST' ? '/billing' : ctx.url), 'Log in as somebody else', true),
    linkButton('/billing', `Stay with ${account.name}`),
  ];
  const title = 'This link is for another account';
  return { status: 403, page: noticePage(viewer, { sign: 'warn', title, text, actions }) };
}

async function answerSpent(visit: MemberVisit, state: TicketState, planId: PaidPlanId): Promise<Answer> {
  const { viewer, deps } = visit;
  const plan = deps.settings.plans[planId];
  if (hasAlready(await readBilling(readAct(visit), deps.settings.plans), plan))
    return alreadyActive(visit, plan);
  const goOn = [
    linkButton(`/billing/checkout?plan=${planId}`, `Go on with ${plan.name}`, true),
    linkButton('/billing', 'To the plans'),
  ];
  const used = state === 'used';
  const [title, text] = used
    ? [
        'This link was used already',
        `It led to the payment for ${plan.name} once. That plan is not active: nothing is lost, go on from here.`,
      ]
    : EXPIRED;
  return { status: 410, page: noticePage(viewer, { sign: 'warn', title, text: [text], actions: goOn }) };
}

export function hasAlready({ subscription }: Billing, plan: Plan): boolean {
  return subscription?.plan === plan.id && !subscription.cancelAtPeriodEnd && subscription.nextPlan === null;
}

export function alreadyActive({ viewer, session }: MemberVisit, plan: Plan): Answer {
  const title = `${plan.name} is active`;
  const text = [
    `The account ${session.caller.account.name} has this plan. You can close this page and go on in your terminal.`,
  ];
  return {
    page: noticePage(viewer, {
      sign: 'good',
      title,
      text,
      actions: [linkButton('/billing', 'Plan and usage')],
    }),
  };
}

/** Neither doubled nor changed: what it waits for is its open invoice, which is paid at Stripe. */
async function whileUnpaid(visit: MemberVisit): Promise<Answer | undefined> {
  const { viewer, session, deps } = visit;
  const running = await readAct(visit).tx.stripe.subscription(session.caller.accountId);
  if (!running || !waitsForPayment(running)) return undefined;
  const { name } = deps.settings.plans[planIdOf(running.plan)];
  const title = `${name} is not paid`;
  const text = [
    `The last payment for ${name} did not go through, and Stripe has an open invoice for it. Nothing was charged now.`,
    `Pay it there, with another card if need be: ${name} goes on by itself, and can then be changed.`,
  ];
  const actions = [
    postButton({ action: '/billing/portal', text: 'Pay the invoice', viewer, look: 'primary' }),
    linkButton('/billing', 'Plan and usage'),
  ];
  return { status: 409, page: noticePage(viewer, { sign: 'bad', title, text, actions }) };
}

/** To Stripe's page for a first plan; a plan that is there is changed. */
export async function buy(visit: MemberVisit): Promise<Answer> {
  const desk = deskOf(visit);
  paymentsOf(desk);
  const order = await readOrder(visit, visit.form);
  if ('refused' in order) return order.refused;
  const unpaid = await whileUnpaid(visit);
  if (unpaid) return unpaid;
  const { plans } = visit.deps.settings;
  const billing = await readBilling(readAct(visit), plans);
  const plan = plans[order.plan];
  if (hasAlready(billing, plan)) return alreadyActive(visit, plan);
  if (await readAct(visit).tx.stripe.subscription(visit.session.caller.accountId)) {
    await changePlan(desk, { ref: order.attempt, plan: order.plan });
    return {
      to: isLarger(billing.plan.id, plan.id) ? '/billing?done=smaller' : successPath(order.plan),
    };
  }
  const { publicUrl } = visit.pages;
  const { url } = await startCheckout(desk, {
    plan: order.plan,
    ref: order.attempt,
    successUrl: publicUrl + successPath(order.plan),
    cancelUrl: `${publicUrl}/billing/canceled?plan=${order.plan}`,
  });
  // Somebody has paid at it in the meantime, or it has ended: the page that waits knows more.
  return { to: url ?? successPath(order.plan) };
}

function successPath(plan: PaidPlanId): string {
  return `/billing/success?plan=${plan}`;
}

export async function manage(visit: MemberVisit): Promise<Answer> {
  return { to: await openPortal(deskOf(visit), `${visit.pages.publicUrl}/billing`) };
}

export async function cancel(visit: MemberVisit): Promise<Answer> {
  await cancelPlan(deskOf(visit), { ref: attemptOf(visit) });
  return { to: '/billing?done=canceled' };
}

export async function resume(visit: MemberVisit): Promise<Answer> {
  await resumePlan(deskOf(visit), { ref: attemptOf(visit) });
  return { to: '/billing?done=resumed' };
}

function deskOf(visit: MemberVisit): Desk {
  const { deps, session } = visit;
  const store = deps.store.account(session.caller.accountId);
  const { tx: _, ...act } = actOf(visit, store.read);
  return { ...act, store, payments: deps.payments };
}
