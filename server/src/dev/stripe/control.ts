import { z } from 'zod';
import { advance } from './advance.ts';
import { cardOf } from './billing.ts';
import { DAY, monthsAfter } from './clock.ts';
import { type Endpoint, endpoint } from './endpoint.ts';
import { StripeFault } from './errors.ts';
import { text } from './params.ts';
import { keepSecrets, secretsOf } from './resources/webhookEndpoints.ts';
import { TRIGGERED, trigger } from './trigger.ts';

/** What no real Stripe has: the strings by which tests and developers pull. `npm run stripe` calls them. */
export const control: readonly Endpoint[] = [
  endpoint('POST /v1/_fake/advance', z.strictObject({ by: text }), (world, { by }) => {
    const happened = advance(world, later(world.clock.now(), by));
    return { now: new Date(world.clock.now() * 1000).toISOString(), happened };
  }),
  endpoint(
    'POST /v1/_fake/trigger',
    z.strictObject({ type: text, customer: text.optional() }),
    (world, { type, customer }) => {
      trigger(world, type, customer);
      return { triggered: type };
    },
  ),
  endpoint('GET /v1/_fake/meters', z.strictObject({}), ({ store }) => ({ items: store.list('metered') })),
  endpoint('GET /v1/_fake/triggers', z.strictObject({}), () => ({ types: TRIGGERED })),
  endpoint(
    'POST /v1/_fake/outage',
    z.strictObject({ state: z.enum(['on', 'off']) }),
    ({ store }, { state }) => {
      store.set('outage', state);
      return { outage: state };
    },
  ),
  endpoint(
    'POST /v1/_fake/webhooks',
    z.strictObject({ mode: z.enum(['in-order', 'shuffle', 'duplicate', 'hold']) }),
    ({ store, wake }, { mode }) => {
      store.set('webhooks', mode);
      wake();
      return { webhooks: mode };
    },
  ),
  endpoint(
    'POST /v1/_fake/secrets',
    z.strictObject({ endpoint: text, secrets: z.array(text).min(1) }),
    ({ store }, wish) => {
      keepSecrets(store, store.get('endpoint', wish.endpoint).id, wish.secrets);
      return { secrets: secretsOf(store, wish.endpoint).length };
    },
  ),
  endpoint(
    'POST /v1/_fake/card',
    z.strictObject({ customer: text, behaviour: z.enum(['pays', 'fails_later']) }),
    (world, { customer, behaviour }) => {
      const { store } = world;
      store.get('customer', customer, 'customer');
      const last4 = behaviour === 'pays' ? '4242' : '0341';
      store.put('card', { id: store.newId('card'), customer, last4, behaviour }, customer);
      return { card: cardOf(world, customer)?.last4 };
    },
  ),
];

/** `3d`, `2w` or `1mo` behind a moment. @throws StripeFault */
function later(now: number, by: string): number {
  const [, digits, unit] = /^(\d{1,3})(d|w|mo)$/.exec(by) ?? [];
  const n = Number(digits);
  if (unit === 'd') return now + n * DAY;
  if (unit === 'w') return now + n * 7 * DAY;
  // A second more: what falls due at that moment has happened by then.
  if (unit === 'mo') return monthsAfter(now, n) + 1;
  throw new StripeFault(400, `Give days, weeks or months, like 3d, 2w or 1mo, not ${by}.`, { param: 'by' });
}
