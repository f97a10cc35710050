import { Admin, type StripeEventRecord } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { count, formatAge } from '../io/text.ts';
import { type Changed, changeEach } from './changeEach.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';

interface ListOptions {
  readonly state?: StripeEventRecord['state'] | undefined;
  readonly limit?: number | undefined;
}

export async function listStripeEvents(
  context: Context,
  { state = 'parked', limit = DEFAULT_LIMIT }: ListOptions,
): Promise<Rendered> {
  const admin = new Admin(await context.stager());
  const events = admin.stripeEvents({ state, limit: pageSize(limit) }, { signal: context.signal });
  return renderList({
    ...(await takeUpTo(events, limit)),
    limit,
    none: `No event of Stripe is ${state}.`,
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'TYPE', flexible: true },
      { title: 'TRIED' },
      { title: 'WHY', flexible: true, paint: style.yellow },
      { title: 'CAME', paint: style.dim },
    ],
    row: ({ id, type, attempts, detail, receivedAt }, now) => [
      clean(id),
      clean(type),
      String(attempts),
      clean(detail ?? ''),
      formatAge(receivedAt, now),
    ],
  });
}

export function retryStripeEvents(context: Context, words: readonly string[]): Promise<Changed> {
  return changeEach(context, requireEventIds(words), 'retried', (client, id, signal) =>
    new Admin(client).retryStripeEvent(id, { signal }),
  );
}

export async function ignoreStripeEvents(
  context: Context,
  words: readonly string[],
  reason: string,
  yes: boolean,
): Promise<Changed> {
  const ids = requireEventIds(words);
  await confirm(
    context,
    `Let ${count(ids.length, 'event')} of Stripe be? What they tell is not looked at.`,
    yes,
  );
  return changeEach(context, ids, 'ignored', (client, id, signal) =>
    new Admin(client).ignoreStripeEvent(id, reason, { signal }),
  );
}

/** @throws CliError that names every word which is no id */
function requireEventIds(words: readonly string[]): readonly string[] {
  const wrong = words.filter((word) => !/^evt_[0-9A-Za-z_]{1,100}$/.test(word));
  if (wrong.length === 0) return [...new Set(words)];
  throw usageError(
    `Not an id of an event: ${wrong.map(clean).join(', ')}`,
    'Ids begin with evt_; stager admin stripe-events list shows them.',
  );
}
