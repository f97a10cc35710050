import type { Billing, Plan } from '../../../contract/index.ts';
import { isLarger } from '../../../core/billing/plans.ts';
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
  return isLarger(plan.id, billing.plan.id)
    ? html`${plan.name} begins at once. Your card is charged now for the rest of the period, less what is left of ${billing.plan.name}${
        billing.overage > 0 && `, and for ${images(billing.overage)} above its limit`
      }.`
    : html`${billing.plan.name} stays until the end of the period, which is paid. ${plan.name} begins with the next one, and nothing is charged now.`;
}
