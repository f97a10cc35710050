import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Endpoint, endpoint, pageOf } from '../endpoint.ts';
import { expanding, flag, listing, metadata, text } from '../params.ts';
import type { FakeStore } from '../store.ts';
import { API_VERSION } from '../world.ts';

const SECRETS = 'webhook_secrets:';

/** Secrets that deliveries to an endpoint are signed with; two while one is exchanged for the next. */
export function secretsOf(store: FakeStore, id: string): string[] {
  const kept = store.setting(SECRETS + id);
  return kept === undefined ? [] : kept.split(' ');
}

export function keepSecrets(store: FakeStore, id: string, secrets: readonly string[]): void {
  store.set(SECRETS + id, secrets.join(' '));
}

export const webhookEndpoints: readonly Endpoint[] = [
  endpoint('GET /v1/webhook_endpoints', z.strictObject(listing), ({ store }, page) =>
    pageOf('/v1/webhook_endpoints', store.list('endpoint'), page),
  ),
  endpoint(
    'POST /v1/webhook_endpoints',
    z.strictObject({
      url: z.url({ protocol: /^https?$/ }),
      enabled_events: z.array(text).min(1),
      api_version: text.optional(),
      description: text.optional(),
      metadata,
      ...expanding,
    }),
    ({ store, clock }, wish) => {
      const id = store.newId('endpoint');
      const secret = `whsec_${randomBytes(24).toString('base64url')}`;
      keepSecrets(store, id, [secret]);
      const made = store.put('endpoint', {
        id,
        object: 'webhook_endpoint',
        api_version: wish.api_version ?? API_VERSION,
        application: null,
        created: clock.now(),
        description: wish.description ?? null,
        enabled_events: wish.enabled_events,
        livemode: false,
        metadata: wish.metadata,
        status: 'enabled',
        url: wish.url,
      });
      // Told this once.
      return { ...made, secret };
    },
  ),
  endpoint(
    'POST /v1/webhook_endpoints/:id',
    z.strictObject({
      url: z.url({ protocol: /^https?$/ }).optional(),
      enabled_events: z.array(text).min(1).optional(),
      description: text.optional(),
      disabled: flag.optional(),
      ...expanding,
    }),
    ({ store }, { url, enabled_events: events, description, disabled }, id) => {
      const before = store.get('endpoint', id);
      return store.put('endpoint', {
        ...before,
        ...(url !== undefined && { url }),
        ...(events && { enabled_events: events }),
        ...(description !== undefined && { description }),
        ...(disabled !== undefined && { status: disabled ? 'disabled' : 'enabled' }),
      });
    },
  ),
  endpoint('GET /v1/events', z.strictObject({ ...listing, type: text.optional() }), ({ store }, page) =>
    pageOf(
      '/v1/events',
      store.list('event').filter(({ type }) => page.type === undefined || type === page.type),
      page,
    ),
  ),
  endpoint('GET /v1/events/:id', z.strictObject(expanding), ({ store }, _params, id) =>
    store.get('event', id),
  ),
];
