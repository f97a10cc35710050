import { describe, expect, test } from 'vitest';
import { EVENT_TYPES } from '../../core/billing/stripe/eventTypes.ts';
import { sign } from './deliver.ts';
import {
  beginCheckout,
  clientOf,
  control,
  GOOD,
  listenForEvents,
  openShop,
  post,
  SECRET,
  startRig,
} from './testing.ts';

async function paid(
  secrets: readonly string[] = [SECRET],
  heard?: Awaited<ReturnType<typeof listenForEvents>>,
) {
  const ear = heard ?? (await listenForEvents());
  const rig = await startRig({ webhook: { url: ear.url, secrets } });
  const shop = await openShop(rig.stripe);
  const session = await beginCheckout(rig.stripe, shop);
  return { ear, rig, shop, pay: () => post(session.url ?? '', GOOD) };
}

describe('events', () => {
  test('come signed, in the order in which it happened', async () => {
    const { ear, pay } = await paid();
    await pay();
    await ear.count(5);
    expect(ear.events.map(({ type }) => type)).toEqual([
      'customer.created',
      'customer.subscription.created',
      'invoice.finalized',
      'invoice.paid',
      'checkout.session.completed',
    ]);
  });

  test('are signed with every secret while one is exchanged for the next', async () => {
    const second = await listenForEvents('whsec_next');
    const { ear, pay } = await paid([SECRET, 'whsec_next'], second);
    await pay();
    await ear.count(5);
    expect(sign('{}', ['a', 'b'], 1)).toMatch(/^t=1,v1=[0-9a-f]{64},v1=[0-9a-f]{64}$/);
  });

  test('come again until they are taken, and after a restart', async () => {
    const { ear, rig, pay } = await paid();
    await ear.count(1);
    ear.status = 500;
    await pay();
    await rig.restart();
    ear.status = 200;
    // One that was just answered when the stack ended may come once more.
    await expect.poll(() => new Set(ear.events.map(({ id }) => id)).size).toBe(5);
  });

  test('come twice, or held back, where that is asked for', async () => {
    const { ear, rig, pay } = await paid();
    await ear.count(1);
    await control(rig.fake, 'webhooks', { mode: 'hold' });
    await pay();
    expect(ear.events).toHaveLength(1);
    await control(rig.fake, 'webhooks', { mode: 'duplicate' });
    await ear.count(9);
    expect(new Set(ear.events.map(({ id }) => id)).size).toBe(5);
  });

  test.each(EVENT_TYPES)('%s can be triggered, and what it tells of is true', async (type) => {
    const { ear, rig, shop, pay } = await paid();
    if (type !== 'checkout.session.completed') await pay();
    await control(rig.fake, 'trigger', { type, customer: shop.customer.id });
    await expect.poll(() => ear.events.map((event) => event.type)).toContain(type);
    const { data } = await clientOf(rig.fake.url).events.list({ type });
    expect(data[0]?.type).toBe(type);
  });

  test('a trigger that nobody knows, or that has nothing to work on, says what to do', async () => {
    const { rig, shop } = await paid();
    await expect(control(rig.fake, 'trigger', { type: 'nothing.known' })).rejects.toThrow(
      'There are: checkout',
    );
    await expect(
      control(rig.fake, 'trigger', { type: 'invoice.paid', customer: shop.customer.id }),
    ).rejects.toThrow('stager billing checkout');
    await expect(control(rig.fake, 'advance', { by: 'ever' })).rejects.toThrow('3d, 2w or 1mo');
  });
});
