import type Stripe from 'stripe';
import type { Kinds } from '../store.ts';
import { idOf, toList, type World } from '../world.ts';

/** In the shapes of the pinned version; what we never use is as Stripe has it for an account without it. */

export interface LineWish {
  readonly description: string;
  /** Cents; negative for what is given back. */
  readonly amount: number;
  readonly quantity: number;
  readonly price: Stripe.Price;
  readonly period: { start: number; end: number };
}

export function newInvoice(
  world: World,
  facts: {
    customer: Stripe.Customer;
    subscription: Stripe.Subscription;
    reason: Stripe.Invoice.BillingReason;
    lines: readonly LineWish[];
  },
): Stripe.Invoice {
  const { store, clock, url } = world;
  const { customer, subscription, reason } = facts;
  const id = store.newId('invoice');
  const now = clock.now();
  const total = Math.max(
    0,
    facts.lines.reduce((sum, { amount }) => sum + amount, 0),
  );
  const sequence = customer.next_invoice_sequence ?? 1;
  store.put('customer', { ...customer, next_invoice_sequence: sequence + 1 });
  return {
    id,
    object: 'invoice',
    account_country: 'US',
    account_name: 'stager (test)',
    account_tax_ids: null,
    amount_due: total,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: total,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: true,
    automatic_tax: { disabled_reason: null, enabled: false, liability: null, provider: null, status: null },
    automatically_finalizes_at: null,
    billing_reason: reason,
    collection_method: 'charge_automatically',
    created: now,
    currency: 'usd',
    custom_fields: null,
    customer: customer.id,
    customer_account: null,
    customer_address: null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: null,
    customer_shipping: null,
    customer_tax_exempt: 'none',
    customer_tax_ids: [],
    default_payment_method: null,
    default_source: null,
    default_tax_rates: [],
    description: null,
    discounts: [],
    due_date: null,
    effective_at: now,
    ending_balance: 0,
    footer: null,
    from_invoice: null,
    hosted_invoice_url: `${url}/i/${id}`,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    lines: toList(
      facts.lines.map((line, at) => newLine(id, subscription.id, line, at)),
      `/v1/invoices/${id}/lines`,
    ),
    livemode: false,
    metadata: {},
    next_payment_attempt: null,
    number: `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`,
    on_behalf_of: null,
    parent: {
      quote_details: null,
      subscription_details: { metadata: subscription.metadata, subscription: subscription.id },
      type: 'subscription_details',
    },
    payment_settings: { default_mandate: null, payment_method_options: null, payment_method_types: null },
    period_end: facts.lines[0]?.period.end ?? now,
    period_start: facts.lines[0]?.period.start ?? now,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: 0,
    statement_descriptor: null,
    status: 'open',
    status_transitions: { finalized_at: now, marked_uncollectible_at: null, paid_at: null, voided_at: null },
    subtotal: total,
    subtotal_excluding_tax: total,
    test_clock: null,
    total,
    total_discount_amounts: [],
    total_excluding_tax: total,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: now,
  };
}

function newLine(invoice: string, subscription: string, wish: LineWish, at: number): Stripe.InvoiceLineItem {
  return {
    id: `il_${invoice.slice(3)}${at}`,
    object: 'line_item',
    amount: wish.amount,
    currency: 'usd',
    description: wish.description,
    discount_amounts: [],
    discountable: false,
    discounts: [],
    invoice,
    livemode: false,
    metadata: {},
    parent: null,
    period: wish.period,
    pretax_credit_amounts: [],
    pricing: {
      price_details: { price: wish.price.id, product: idOf(wish.price.product) },
      type: 'price_details',
      unit_amount_decimal: wish.price.unit_amount_decimal,
    },
    quantity: wish.quantity,
    quantity_decimal: null,
    subscription,
    subtotal: wish.amount,
    taxes: [],
  };
}

export function newCharge(
  { store, clock }: World,
  invoice: Stripe.Invoice,
  card: Kinds['card'],
): Stripe.Charge {
  return {
    id: store.newId('charge'),
    object: 'charge',
    amount: invoice.amount_due,
    amount_captured: invoice.amount_due,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: {
      address: null,
      email: invoice.customer_email,
      name: invoice.customer_name,
      phone: null,
      tax_id: null,
    },
    calculated_statement_descriptor: 'STAGER',
    captured: true,
    created: clock.now(),
    currency: 'usd',
    customer: card.customer,
    description: `Invoice ${invoice.number}`,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: null,
    failure_message: null,
    fraud_details: {},
    livemode: false,
    metadata: {},
    on_behalf_of: null,
    outcome: null,
    paid: true,
    payment_intent: null,
    payment_method: card.id,
    payment_method_details: null,
    receipt_email: null,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: 'succeeded',
    transfer_data: null,
    transfer_group: null,
  };
}
