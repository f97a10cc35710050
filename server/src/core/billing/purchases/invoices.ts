import type { Invoice, InvoicePage, PageQuery } from '../../../contract/index.ts';
import type { StripeInvoice } from '../../../ports/index.ts';
import { decodePlace, encodePlace } from '../../cursor.ts';
import { type Desk, paymentsOf } from './desk.ts';

/** Newest first; an account that has never bought anything has none. */
export async function readInvoices(
  { store, caller, payments }: Pick<Desk, 'store' | 'caller' | 'payments'>,
  { limit, cursor }: PageQuery,
): Promise<InvoicePage> {
  const after = decodePlace(cursor, /^invoices:\w+$/)?.slice('invoices:'.length) ?? null;
  const provider = paymentsOf({ payments });
  const { customerId } = await store.read.stripe.customer(caller.accountId);
  if (!customerId) return { items: [], nextCursor: null };
  const { items, next } = await provider.listInvoices(customerId, { limit, after });
  return { items: items.map(present), nextCursor: next === null ? null : encodePlace(`invoices:${next}`) };
}

function present(invoice: StripeInvoice): Invoice {
  const { id, number, status, currency, url, pdfUrl } = invoice;
  return {
    id,
    number,
    status,
    totalCents: invoice.total,
    dueCents: invoice.amountDue,
    currency,
    period: { start: invoice.periodStart.toISOString(), end: invoice.periodEnd.toISOString() },
    createdAt: invoice.createdAt.toISOString(),
    url,
    pdfUrl,
  };
}
