import { Billing } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { day, formatMoney } from './billing.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

export async function listInvoices(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const billing = new Billing(await context.stager());
  const listed = await takeUpTo(
    billing.invoices({ limit: pageSize(limit) }, { signal: context.signal }),
    limit,
  );
  return renderList({
    ...listed,
    limit,
    none: 'No invoices yet.',
    columns: ({ style }) => [
      { title: 'NUMBER', flexible: true },
      { title: 'DATE' },
      { title: 'TOTAL' },
      {
        title: 'STATE',
        paint: (text, row) => (listed.found[row]?.status === 'open' ? style.red(text) : text),
      },
      { title: 'PERIOD', paint: style.dim },
    ],
    row: ({ number, id, createdAt, totalCents, status, period }) => [
      clean(number ?? id),
      day(createdAt),
      formatMoney(totalCents),
      status === 'open' ? 'to be paid' : status,
      `${day(period.start)} to ${day(period.end)}`,
    ],
  });
}
