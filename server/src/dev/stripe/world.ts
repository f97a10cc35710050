import { randomBytes } from 'node:crypto';
import type Stripe from 'stripe';
import type { FakeClock } from './clock.ts';
import type { FakeStore, Kinds } from './store.ts';

/** The version whose shapes the fake has; the adapter pins the same. */
export const API_VERSION = '2026-10-28.endive';

export interface World {
  readonly store: FakeStore;
  readonly clock: FakeClock;
  /** Where the fake itself is, without a slash at the end. */
  readonly url: string;
  /** Called when something waits to be delivered. */
  readonly wake: () => void;
}

/** Objects that events are about. */
type Subject =
  | Kinds['customer' | 'checkout' | 'subscription' | 'schedule' | 'invoice' | 'charge']
  | Stripe.Dispute;

/** Writes an event and sends it to every endpoint that wants its type. */
export function emit(world: World, type: string, object: Subject, previous?: object): void {
  const { store, clock } = world;
  // The type of an event and that of its object belong together in the vendor's types; here the caller pairs them.
  const event = {
    id: store.newId('event'),
    object: 'event',
    api_version: API_VERSION,
    created: clock.now(),
    data: { object, ...(previous && { previous_attributes: previous }) },
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
  } as unknown as Stripe.Event;
  store.put('event', event);
  for (const endpoint of store.list('endpoint')) {
    const wanted = endpoint.enabled_events.some((one) => one === '*' || one === type);
    if (wanted && endpoint.status === 'enabled') store.addDelivery(event.id);
  }
  world.wake();
}

/** Part of an address that nobody can guess. */
export const unguessable = (): string => randomBytes(24).toString('base64url');

export function idOf(reference: string | { readonly id: string }): string {
  return typeof reference === 'string' ? reference : reference.id;
}

export function toList<T>(data: T[], url: string, more = false): Stripe.ApiList<T> {
  return { object: 'list', data, has_more: more, url };
}
