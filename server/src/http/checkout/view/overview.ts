import type { Billing, Plan } from '../../../contract/index.ts';
import { isLarger } from '../../../core/billing/plans.ts';
import { Html, html } from '../../html.ts';
import { linkButton, page, postButton, type Viewer } from './layout.ts';
import { type PayAsYouGoForm, payAsYouGo } from './payAsYouGo.ts';
import { usage } from './usage.ts';
import { day, limitOf, money, priceOf, statusOf } from './words.ts';

export interface OverviewView {
  readonly viewer: Viewer;
  readonly accountName: string;
  readonly billing: Billing;
  readonly plans: readonly Plan[];
  /** Whether the viewer may change anything. */
  readonly mayChange: boolean;
  /** Whether payments are set up. */
  readonly mayPay: boolean;
  /** Whether a plan is paid for, or should be. */
  readonly running: boolean;
  /** The plan that waits for its open invoice to be paid, in force or not. */
  readonly unpaid: Plan | null;
  /** The smaller plan that begins with the next period. */
  readonly next: Plan | null;
  /** Whether Stripe knows the account: it has invoices there, and perhaps a card. */
  readonly customer: boolean;
  /** What was just done. */
  readonly done: string | undefined;
  readonly form: PayAsYouGoForm;
}

export function overviewPage(view: OverviewView): string {
  const { viewer, accountName, mayChange, mayPay, done } = view;
  return page({
    // The first thing that a screen reader says.
    title: view.form.error === undefined ? 'Plan and usage' : 'Error: Plan and usage',
    viewer,
    narrow: false,
    body: html`<h1>Plan and usage</h1>
<p class="lead">Account <strong>${accountName}</strong></p>
${done !== undefined && html`<p class="note" role="status">${done}</p>`}
${!mayChange && html`<p class="note">You can look at everything here. Owners of the account change the plan.</p>`}
${mayChange && !mayPay && html`<p class="note warn">Payments are not set up on this installation, so plans cannot be bought or changed here.</p>`}
${now(view)}
<h2 id="plans">Plans</h2>
<p class="soft">A month each, by card, until you cancel. An image counts once, when it is ready; one that fails costs nothing.</p>
<ul class="tiers" aria-labelledby="plans">${view.plans.map((plan) => tier(view, plan))}</ul>
${mayChange && payAsYouGo(view)}
${mayChange && mayPay && payment(view)}`,
  });
}

function now({ billing, next, unpaid, plans }: OverviewView): Html {
  const { plan, subscription } = billing;
  const base = plans.find(({ id }) => id === billing.basePlan)?.name ?? billing.basePlan;
  const status = statusOf(billing, { next, unpaid, base });
  return html`<section class="card now" aria-label="Your plan">
<div><p class="label">Plan</p>
<p class="figure">${plan.name} ${subscription !== null && html`<small>${priceOf(plan)} a month</small>`}</p>
<p><span class="${`badge ${status.tone}`.trim()}">${status.badge}</span></p>
<p class="small${status.tone === '' && ' soft'}">${status.text}</p></div>
<div>${usage(billing)}</div>
</section>
`;
}

function tier(view: OverviewView, plan: Plan): Html {
  const current = view.billing.plan.id === plan.id;
  return html`<li class="${current ? 'tier current' : 'tier'}"${current && new Html(' aria-current="true"')}>
<header><h3>${plan.name}</h3>${current && html`<span class="badge">Your plan</span>`}</header>
<p class="price">${priceOf(plan)} <small>a month</small></p>
<ul><li>${limitOf(plan)}</li>
${perImage(plan)}
${plan.overageCents === null ? html`<li class="no">Nothing beyond that</li>` : html`<li>${money(plan.overageCents)} each beyond that</li>`}
</ul>
<div class="act">${choice(view, plan, current)}</div>
</li>
`;
}

function perImage({ limit, priceCents }: Plan): Html | false {
  return (
    limit !== null &&
    limit > 0 &&
    priceCents > 0 &&
    html`<li>That is ${money(Math.round(priceCents / limit))} an image</li>`
  );
}

function choice(view: OverviewView, plan: Plan, current: boolean): Html | false {
  const { billing, mayChange, mayPay, viewer, next, unpaid } = view;
  if (!mayChange || !mayPay) return false;
  const { subscription } = billing;
  if (current && (subscription?.cancelAtPeriodEnd || next !== null)) {
    return postButton({
      action: '/billing/resume',
      text: `Keep ${plan.name}`,
      viewer,
      look: 'primary wide',
    });
  }
  if (plan.id === unpaid?.id) {
    return postButton({ action: '/billing/portal', text: 'Pay the invoice', viewer, look: 'primary wide' });
  }
  if (current) return subscription === null && html`<p class="soft small">No card needed</p>`;
  if (plan.id === billing.basePlan) {
    return (
      subscription !== null &&
      !subscription.cancelAtPeriodEnd &&
      linkWide('/billing/cancel', `Go back to ${plan.name}`)
    );
  }
  // Before what is open is paid, nothing is bought or changed.
  if (unpaid || plan.id === 'free') return false;
  if (plan.id === next?.id) return html`<p class="soft small">Begins on ${day(billing.period.end)}</p>`;
  const less = isLarger(billing.plan.id, plan.id);
  // Nobody pays to have less than they are given; the plan for development, of which all is less, is for trying.
  if (less && subscription === null && billing.plan.id !== 'dev') return false;
  const smaller = less && subscription !== null;
  return linkWide(
    `/billing/checkout?plan=${plan.id}`,
    `${smaller ? 'Change to' : 'Choose'} ${plan.name}`,
    !smaller,
  );
}

function linkWide(href: string, text: string, primary = false): Html {
  return html`<a class="button wide${primary && ' primary'}" href="${href}">${text}</a>`;
}

function payment({ billing, viewer, running, customer }: OverviewView): Html | false {
  const ends = billing.subscription?.cancelAtPeriodEnd === true;
  if (!customer) return false;
  return html`<h2>Payment</h2>
<p class="soft">Cards, invoices and receipts are kept by Stripe.</p>
<div class="buttons">
${postButton({ action: '/billing/portal', text: 'Payment method and invoices', viewer })}
${running && !ends && linkButton('/billing/cancel', 'Cancel the plan')}
</div>`;
}

export interface CancelView {
  readonly viewer: Viewer;
  readonly accountName: string;
  readonly plan: Plan;
  /** What the account has afterwards. */
  readonly base: Plan;
  readonly end: string;
  /** Whether its last payment has failed. */
  readonly unpaid: boolean;
}

export function cancelPage({ viewer, accountName, plan, base, end, unpaid }: CancelView): string {
  return page({
    title: `Cancel ${plan.name}`,
    viewer,
    body: html`<div class="card"><h1>Cancel ${plan.name}?</h1>
<p class="lead">Account <strong>${accountName}</strong></p>
<p>${
      unpaid
        ? html`${plan.name} is not renewed. The invoice that is open stays to be paid, and Stripe goes on trying your card for it.`
        : html`${plan.name} stays in force until <strong>${day(end)}</strong>, and you are not charged again.`
    } Then the account is on the plan ${base.name}, with ${limitOf(base).toLowerCase()}.</p>
<p>Your projects, photos and images stay. You can change your mind until then.</p>
<div class="buttons">
${postButton({ action: '/billing/cancel', text: `Cancel ${plan.name}`, viewer, look: 'danger' })}
${linkButton('/billing', `Keep ${plan.name}`)}
</div></div>`,
  });
}
