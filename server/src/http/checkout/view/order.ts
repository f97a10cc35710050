import type { Billing, Plan } from '../../../contract/index.ts';
import { type Html, html } from '../../html.ts';
import { attemptField, csrfField, linkButton, page, type Viewer } from './layout.ts';
import { day, images, limitOf, money, priceOf } from './words.ts';

export interface OrderView {
  readonly viewer: Viewer;
  readonly accountName: string;
  readonly billing: Billing;
  readonly plan: Plan;
  /** Names this order, so that sending it twice is one. */
  readonly attempt: string;
  /** Of the link that led here. */
  readonly ticket: string | undefined;
  /** Where to log in as somebody else and come back. */
  readonly otherLogin: string;
}

/** What is bought, for which account, by whom, at what price: before anybody is sent to pay. */
export function orderPage(view: OrderView): string {
  const { viewer, accountName, billing, plan, attempt, ticket, otherLogin } = view;
  const change = billing.subscription !== null;
  const keep = billing.subscription?.plan === plan.id;
  const title = `${keep ? 'Keep' : change ? 'Change to' : 'Buy'} ${plan.name}`;
  return page({
    title,
    viewer,
    body: html`<div class="card"><h1>${title}</h1>
<p class="lead">For the account <strong>${accountName}</strong></p>
<table class="sum">
<tr><th scope="row">Plan</th><td>${plan.name}</td></tr>
<tr><th scope="row">Images</th><td>${limitOf(plan)}</td></tr>
${plan.overageCents !== null && html`<tr><th scope="row">Beyond that</th><td>${money(plan.overageCents)} each, if you allow it</td></tr>`}
<tr><th scope="row">Plan now</th><td>${billing.plan.name}</td></tr>
<tr><th scope="row">Price</th><td>${priceOf(plan)} a month</td></tr>
</table>
<p class="small soft">${
      change
        ? changeTerms(billing, plan)
        : html`You pay at Stripe, which keeps your card. It renews each month until you cancel,
which you can do here at any time. Taxes may be added.`
    }</p>
<form method="post" action="/billing/buy">${csrfField(viewer.csrf)}
<input type="hidden" name="plan" value="${plan.id}">${attemptField(attempt)}
${ticket !== undefined && html`<input type="hidden" name="ticket" value="${ticket}">`}
<div class="buttons"><button class="button primary" type="submit">${change ? title : 'Continue to payment'}</button>
${linkButton('/billing', 'Not now')}</div></form></div>
<p class="small soft">You are logged in as ${viewer.session.name}. <a href="${otherLogin}">Log in as somebody else</a></p>`,
  });
}

function changeTerms(billing: Billing, plan: Plan): Html {
  if (billing.subscription?.plan === plan.id)
    return html`${plan.name} was to end on ${day(billing.period.end)}. It goes on instead and renews on that day; nothing is charged now.`;
  return plan.priceCents > billing.plan.priceCents
    ? html`${plan.name} begins at once. Your card is charged now for the rest of the period, less what is left of ${billing.plan.name}${
        billing.overage > 0 && `, and for ${images(billing.overage)} above its limit`
      }.`
    : html`${billing.plan.name} stays until the end of the period, which is paid. ${plan.name} begins with the next one, and nothing is charged now.`;
}

export interface WaitView {
  readonly viewer: Viewer;
  readonly accountName: string;
  readonly plan: Plan;
  /** Whether it takes longer than usual. */
  readonly long: boolean;
  /** Whether the page will not come again by itself. */
  readonly given: boolean;
  readonly again: string;
}

/** While Stripe has not told us yet. */
export function waitPage({ viewer, accountName, plan, long, given, again }: WaitView): string {
  return page({
    title: `Waiting for ${plan.name}`,
    viewer,
    body: html`<div class="card"><h1>${given ? 'This takes unusually long' : 'One moment, please'}</h1>
<p class="lead">Account <strong>${accountName}</strong></p>
<p role="status">${waitWords(plan, long, given)}</p>
${!given && html`<div aria-busy="true" aria-hidden="true"><span class="bone big"></span><span class="bone"></span><span class="bone short"></span></div>`}
${
  given &&
  html`<p>Your terminal may show it first: <code>stager billing status</code>. If nothing has changed in an hour, write to support
and name the account <code>${viewer.session.caller.accountId}</code>. Please do not pay again.</p>`
}
<div class="buttons">${linkButton(again, 'Look again', given)}${given && linkButton('/billing', 'Plan and usage')}</div></div>`,
  });
}

function waitWords(plan: Plan, long: boolean, given: boolean): string {
  if (given)
    return `Stripe has not yet told us of your payment for ${plan.name}. It will, and your plan begins then by itself.`;
  if (long)
    return `Stripe takes a little longer than usual. You need not stay: ${plan.name} begins by itself.`;
  return `We are waiting for Stripe to confirm the payment for ${plan.name}. This page looks by itself.`;
}
