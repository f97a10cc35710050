import type Stripe from 'stripe';
import { Html, html } from '../../../http/html.ts';
import { type CardErrors, type CardFields, TEST_CARDS } from '../cards.ts';
import { date, money, page } from './layout.ts';

export interface CheckoutView {
  readonly session: Stripe.Checkout.Session;
  readonly customer: Stripe.Customer | undefined;
  readonly typed?: CardFields;
  readonly errors?: CardErrors;
  /** Why the card was not charged. */
  readonly problem?: string;
}

const CARD_FIELDS = [
  { name: 'number', label: 'Card number', complete: 'cc-number', hint: '4242 4242 4242 4242' },
  { name: 'expiry', label: 'Expires', complete: 'cc-exp', hint: 'MM/YY' },
  { name: 'cvc', label: 'Security code', complete: 'cc-csc', hint: 'CVC' },
] as const;

function cardFields(typed: CardFields | undefined, errors: CardErrors | undefined): Html {
  const [number, ...rest] = CARD_FIELDS.map(({ name, label, complete, hint }) => {
    const wrong = errors?.[name];
    return html`<div><label for="${name}">${label}</label>
<input id="${name}" name="${name}" value="${typed?.[name] ?? ''}" placeholder="${hint}" inputmode="numeric" autocomplete="${complete}" required${
      wrong !== undefined && new Html(` aria-invalid="true" aria-describedby="${name}-wrong"`)
    }>
${wrong !== undefined && html`<p class="wrong" id="${name}-wrong">${wrong}</p>`}</div>`;
  });
  return html`${number}<div class="pair">${rest}</div>`;
}

export function checkoutPage({ session, customer, typed, errors, problem }: CheckoutView): string {
  const lines = session.line_items?.data ?? [];
  return page(
    'Pay',
    html`<section class="card">
<h1>Subscribe</h1>
<p class="amount">${money(session.amount_total ?? 0)} <small>a month</small></p>
${lines.map(
  ({ price, quantity }) =>
    html`<p>${price?.nickname ?? price?.lookup_key ?? 'Item'}${
      quantity === null && html` · ${money(Number(price?.unit_amount_decimal ?? 0))} each, when used`
    }</p>`,
)}
<dl><dt>For</dt><dd>${customer?.name ?? customer?.email ?? 'you'}</dd></dl>
</section>
<form method="post" action="/c/pay/${session.id}" class="card" novalidate>
<h2>Card</h2>
${problem !== undefined && html`<p class="alert" role="alert">${problem}</p>`}
${cardFields(typed, errors)}
<button class="primary" type="submit">Pay ${money(session.amount_total ?? 0)}</button>
</form>
${session.cancel_url !== null && html`<p><a href="${session.cancel_url}">Cancel and go back</a></p>`}
${testCards()}`,
  );
}

function testCards(): Html {
  return html`<section class="card"><h2>Test cards</h2>
<dl>${TEST_CARDS.map(({ number, about }) => html`<dt><code>${number}</code></dt><dd>${about}</dd>`)}</dl>
<p>Any date to come, any code.</p></section>`;
}

export function challengePage(): string {
  return page(
    '3-D Secure',
    html`<form method="post" class="card">
<h1>Your bank asks whether this is you</h1>
<p>A test of 3-D Secure.</p>
<button class="primary" type="submit" name="result" value="complete">Complete</button>
<button type="submit" name="result" value="fail">Fail</button>
</form>`,
  );
}

export function messagePage(title: string, text: string, back?: { href: string; label: string }): string {
  return page(
    title,
    html`<section class="card"><h1>${title}</h1><p>${text}</p>
${back && html`<p><a href="${back.href}">${back.label}</a></p>`}</section>`,
  );
}

export interface PortalView {
  readonly customer: Stripe.Customer;
  readonly subscription: Stripe.Subscription | undefined;
  readonly prices: readonly Stripe.Price[];
  readonly invoices: readonly Stripe.Invoice[];
  readonly last4: string | undefined;
  readonly returnUrl: string | null;
  /** What customers may do here, as the shop has set it. */
  readonly may: { readonly cancel: boolean; readonly change: boolean };
  readonly typed?: CardFields;
  readonly errors?: CardErrors;
  readonly problem?: string;
}

export function portalPage(view: PortalView): string {
  const { customer, invoices, last4, returnUrl, problem } = view;
  return page(
    'Subscription',
    html`<h1>${customer.name ?? customer.email ?? 'Your subscription'}</h1>
${problem !== undefined && html`<p class="alert" role="alert">${problem}</p>`}
${subscriptionCard(view)}
<form method="post" class="card" novalidate>
<h2>Card${last4 !== undefined && html` ending in ${last4}`}</h2>
${cardFields(view.typed, view.errors)}
<button type="submit" name="act" value="card">Use this card</button>
</form>
<section class="card"><h2>Invoices</h2>
${
  invoices.length === 0
    ? html`<p>None yet.</p>`
    : html`<table><thead><tr><th scope="col">Number</th><th scope="col">Date</th><th scope="col">Total</th><th scope="col">State</th></tr></thead>
<tbody>${invoices.map(
        (one) =>
          html`<tr><td><a href="${one.hosted_invoice_url ?? ''}">${one.number}</a></td><td>${date(one.created)}</td><td>${money(one.total)}</td><td>${one.status}</td></tr>`,
      )}</tbody></table>`
}</section>
${returnUrl !== null && html`<p><a href="${returnUrl}">Back</a></p>`}`,
  );
}

function subscriptionCard({ subscription, prices, may }: PortalView): Html {
  if (!subscription)
    return html`<section class="card"><h2>No subscription</h2><p>There is nothing to manage.</p></section>`;
  const item = subscription.items.data.find(({ price }) => price.recurring?.usage_type !== 'metered');
  const until = date(item?.current_period_end ?? 0);
  const others = may.change ? prices.filter(({ id }) => id !== item?.price.id) : [];
  return html`<form method="post" class="card">
<h2>${item?.price.nickname ?? item?.price.lookup_key ?? 'Subscription'}</h2>
<p>${money(item?.price.unit_amount ?? 0)} a month, ${subscription.status};
${subscription.cancel_at_period_end ? `ends on ${until}` : `renews on ${until}`}</p>
${others.map(
  (price) =>
    html`<button type="submit" name="price" value="${price.id}">Change to ${price.nickname ?? price.lookup_key}, ${money(price.unit_amount ?? 0)} a month</button>`,
)}
${
  may.cancel &&
  (subscription.cancel_at_period_end
    ? html`<button class="primary" type="submit" name="act" value="resume">Do not cancel</button>`
    : html`<button type="submit" name="act" value="cancel">Cancel at the end of the period</button>`)
}
</form>`;
}

export function invoicePage(invoice: Stripe.Invoice): string {
  return page(
    `Invoice ${invoice.number}`,
    html`<section class="card">
<h1>Invoice ${invoice.number}</h1>
<p class="amount">${money(invoice.total)} <small>${invoice.status}</small></p>
<dl><dt>For</dt><dd>${invoice.customer_name ?? invoice.customer_email ?? ''}</dd><dt>Date</dt><dd>${date(invoice.created)}</dd></dl>
</section>
<section class="card"><h2>Lines</h2><table><tbody>${invoice.lines.data.map(
      ({ description, amount }) => html`<tr><td>${description}</td><td>${money(amount)}</td></tr>`,
    )}</tbody></table></section>
${
  invoice.status === 'open' &&
  html`<form method="post" class="card"><p>It is still to be paid, with the card of the subscription.</p>
<button class="primary" type="submit">Pay ${money(invoice.amount_due)}</button></form>`
}`,
  );
}
