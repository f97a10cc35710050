import type { QueryOf, Routes, StripeEventRecord } from '../../contract/index.ts';
import type { StripeEventRow, StripeEventState } from '../../ports/index.ts';
import { audit } from '../context.ts';
import { decodePlace, encodePlace } from '../cursor.ts';
import { DomainError } from '../errors.ts';
import type { AdminAct } from './context.ts';

export async function listStripeEvents(
  { tx }: AdminAct,
  { state, limit, cursor }: QueryOf<Routes['listStripeEvents']>,
): Promise<{ items: StripeEventRecord[]; nextCursor: string | null }> {
  const place = decodePlace(cursor, /^events:[^/]+\/evt_\w+$/);
  const [receivedAt = '', id = ''] = place?.slice('events:'.length).split('/') ?? [];
  const rows = await tx.stripeEvents.list(state, limit + 1, place === null ? null : { receivedAt, id });
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(presentEvent),
    nextCursor: rows.length > limit && last ? encodePlace(`events:${last.place}/${last.id}`) : null,
  };
}

/** All its attempts again. */
export async function retryStripeEvent(act: AdminAct, id: string): Promise<StripeEventRecord> {
  const row = await move(act, id, ['parked', 'ignored', 'unknown'], 'received', null);
  await act.tx.outbox.add([{ kind: 'stripe', customerId: row.customerId }]);
  await audit(act, 'stripe_event.retry', [id]);
  return presentEvent(row);
}

export async function ignoreStripeEvent(
  act: AdminAct,
  id: string,
  reason: string,
): Promise<StripeEventRecord> {
  const row = await move(act, id, ['parked', 'unknown', 'received'], 'ignored', reason);
  await audit(act, 'stripe_event.ignore', [id], reason);
  return presentEvent(row);
}

async function move(
  { tx }: AdminAct,
  id: string,
  from: readonly StripeEventState[],
  to: 'received' | 'ignored',
  detail: string | null,
): Promise<StripeEventRow> {
  const moved = await tx.stripeEvents.move(id, from, to, detail);
  if (moved) return moved;
  const found = await tx.stripeEvents.get(id);
  if (!found) throw new DomainError('not_found', `No event ${id} of Stripe was received here.`);
  throw new DomainError(
    'invalid_state',
    `Event ${id} is ${found.state}: this is for those that are ${from.join(', ')}.`,
  );
}

function presentEvent(row: StripeEventRow): StripeEventRecord {
  const { place: _, createdAt, receivedAt, endedAt, ...rest } = row;
  return {
    ...rest,
    createdAt: createdAt.toISOString(),
    receivedAt: receivedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
  };
}
