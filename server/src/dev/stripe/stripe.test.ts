import { describe, expect, test } from 'vitest';
import { beginCheckout, clientOf, control, GOOD, KEY, openShop, post, startRig } from './testing.ts';

describe('requests are taken as Stripe takes them', () => {
  test('a key that is not right', async () => {
    const { fake } = await startRig();
    await expect(clientOf(fake.url, 'sk_test_other').customers.list()).rejects.toMatchObject({
      type: 'StripeAuthenticationError',
      statusCode: 401,
    });
  });

  test.each([
    ['missing', 'customer=cus_1', 'parameter_missing', 'mode'],
    [
      'unknown',
      'mode=subscription&wishes=1&line_items[0][price]=p&success_url=http://a',
      'parameter_unknown',
      'wishes',
    ],
    [
      'unknown within',
      'mode=subscription&line_items[0][price]=p&line_items[0][colour]=red&success_url=http://a',
      'parameter_unknown',
      'line_items[0][colour]',
    ],
    ['of a list of words', 'mode=gift&line_items[0][price]=p&success_url=http://a', undefined, 'mode'],
    [
      'no number',
      'mode=subscription&line_items[0][quantity]=x&line_items[0][price]=p&success_url=http://a',
      undefined,
      'line_items[0][quantity]',
    ],
    ['said twice', 'mode=subscription&mode=subscription', undefined, 'mode'],
  ])('a parameter that is %s', async (_what, body, code, param) => {
    const { fake } = await startRig();
    const response = await fetch(`${fake.url}/v1/checkout/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}` },
      body: new URLSearchParams(body),
    });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: object };
    expect(error).toMatchObject({ type: 'invalid_request_error', param, ...(code && { code }) });
  });

  test('the same key: the same answer, and no second object; with other parameters: refused', async () => {
    const { stripe } = await startRig();
    const make = (name: string) => stripe.customers.create({ name }, { idempotencyKey: 'k1' });
    const [one, two] = [await make('A'), await make('A')];
    expect(two.id).toBe(one.id);
    expect((await stripe.customers.list()).data).toHaveLength(1);
    await expect(make('B')).rejects.toMatchObject({ type: 'StripeIdempotencyError' });
  });

  test('what is not there, lists page by page, and what is deleted', async () => {
    const { stripe } = await startRig();
    await expect(stripe.customers.retrieve('cus_none')).rejects.toMatchObject({ code: 'resource_missing' });
    const made = [];
    for (const name of ['a', 'b', 'c']) made.unshift((await stripe.customers.create({ name })).id);
    const listed = await stripe.customers.list({ limit: 2 }).autoPagingToArray({ limit: 10 });
    expect(listed.map(({ id }) => id)).toEqual(made);
    await stripe.customers.del(made[0] ?? '');
    expect(await stripe.customers.retrieve(made[0] ?? '')).toMatchObject({ deleted: true });
  });

  test('an outage is a server error that may be tried again', async () => {
    const { fake, stripe } = await startRig();
    await control(fake, 'outage', { state: 'on' });
    await expect(stripe.customers.list()).rejects.toMatchObject({ type: 'StripeAPIError', statusCode: 500 });
    await control(fake, 'outage', { state: 'off' });
    expect((await stripe.customers.list()).data).toEqual([]);
  });

  test('another host name is not answered', async () => {
    const { fake } = await startRig();
    const { port } = new URL(fake.url);
    expect((await fetch(`http://localhost:${port}/v1/customers`).catch(() => ({ status: 421 }))).status).toBe(
      421,
    );
  });
});

describe('a subscription', () => {
  test('is paid at the hosted page, once however often Pay is pressed', async () => {
    const { stripe } = await startRig();
    const shop = await openShop(stripe);
    const session = await beginCheckout(stripe, shop);
    expect(await (await fetch(session.url ?? '')).text()).toContain('$29.00');
    const [first, second] = await Promise.all([post(session.url ?? '', GOOD), post(session.url ?? '', GOOD)]);
    expect([first.status, second.status]).toEqual([303, 303]);
    expect(first.headers.get('location')).toBe(`http://127.0.0.1:9/done?session=${session.id}`);
    const { data } = await stripe.subscriptions.list({ customer: shop.customer.id });
    expect(data).toMatchObject([
      { status: 'active', metadata: { stager_account: 'acc_1' }, items: { data: [{ quantity: 1 }, {}] } },
    ]);
    expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
      status: 'complete',
      url: null,
    });
    const invoices = await stripe.invoices.list({ customer: shop.customer.id });
    expect(invoices.data).toMatchObject([
      { status: 'paid', total: 2_900, billing_reason: 'subscription_create' },
    ]);
  });

  test.each([
    ['4000 0000 0000 0002', 402, 'Your card was declined'],
    ['4111', 422, 'Your card number is not complete'],
    ['4111 1111 1111 1111', 422, 'test cards only'],
  ])('is not begun with the card %s', async (number, status, words) => {
    const { stripe } = await startRig();
    const shop = await openShop(stripe);
    const session = await beginCheckout(stripe, shop);
    const response = await post(session.url ?? '', { ...GOOD, number });
    expect([response.status, await response.text()]).toEqual([status, expect.stringContaining(words)]);
    expect((await stripe.subscriptions.list({ customer: shop.customer.id })).data).toEqual([]);
    expect((await post(session.url ?? '', GOOD)).status).toBe(303);
  });

  test('with 3-D Secure: failed, then completed', async () => {
    const { stripe } = await startRig();
    const shop = await openShop(stripe);
    const session = await beginCheckout(stripe, shop);
    const card = { ...GOOD, number: '4000 0025 0000 3155' };
    const challenge = (await post(session.url ?? '', card)).headers.get('location') ?? '';
    expect(await (await fetch(challenge)).text()).toContain('Your bank asks');
    expect((await post(challenge, { result: 'fail' })).status).toBe(402);
    // What has failed cannot be completed afterwards.
    expect((await post(challenge, { result: 'complete' })).headers.get('location')).toBe(session.url);
    await post(session.url ?? '', card);
    expect((await post(challenge, { result: 'complete' })).headers.get('location')).toContain('/done');
    expect((await stripe.subscriptions.list({ customer: shop.customer.id })).data).toHaveLength(1);
  });

  test('is not begun at a page that has expired', async () => {
    const { stripe } = await startRig();
    const shop = await openShop(stripe);
    const session = await beginCheckout(stripe, shop);
    await stripe.checkout.sessions.expire(session.id);
    const response = await post(session.url ?? '', GOOD);
    expect([response.status, await response.text()]).toEqual([
      410,
      expect.stringContaining('http://127.0.0.1:9/back'),
    ]);
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({ statusCode: 400 });
  });

  /** One that is paid. */
  async function subscribed() {
    const rig = await startRig();
    const shop = await openShop(rig.stripe);
    const session = await beginCheckout(rig.stripe, shop);
    await post(session.url ?? '', GOOD);
    const [subscription] = (await rig.stripe.subscriptions.list({ customer: shop.customer.id })).data;
    if (!subscription) throw new Error('no subscription');
    return { ...rig, fake: rig.fake, shop, subscription };
  }

  test('is renewed when the clock passes its end; what was metered is billed', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    const metered = {
      event_name: 'stager_image',
      identifier: 'led_1',
      payload: { stripe_customer_id: shop.customer.id, value: '1' },
    };
    await stripe.billing.meterEvents.create(metered);
    await expect(stripe.billing.meterEvents.create(metered)).rejects.toMatchObject({
      code: 'duplicate_meter_event',
    });
    await control(fake, 'advance', { by: '1mo' });
    const [invoice] = (await stripe.invoices.list({ customer: shop.customer.id })).data;
    expect(invoice).toMatchObject({ status: 'paid', total: 2_935, billing_reason: 'subscription_cycle' });
    const renewed = await stripe.subscriptions.retrieve(subscription.id);
    expect(renewed.items.data[0]?.current_period_start).toBe(subscription.items.data[0]?.current_period_end);
  });

  test('is past due when the card fails, active when it is paid, over when nobody pays', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    await control(fake, 'card', { customer: shop.customer.id, behaviour: 'fails_later' });
    await control(fake, 'advance', { by: '1mo' });
    const state = async () => (await stripe.subscriptions.retrieve(subscription.id)).status;
    expect(await state()).toBe('past_due');
    const [open] = (await stripe.invoices.list({ customer: shop.customer.id, status: 'open' })).data;
    await control(fake, 'card', { customer: shop.customer.id, behaviour: 'pays' });
    await post(open?.hosted_invoice_url ?? '', {});
    expect(await state()).toBe('active');
    await control(fake, 'card', { customer: shop.customer.id, behaviour: 'fails_later' });
    await control(fake, 'advance', { by: '2mo' });
    expect(await state()).toBe('canceled');
  });

  test('is upgraded at once for what is left of the period, or not at all', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    const items = [{ id: subscription.items.data[0]?.id ?? '', price: shop.larger.id }];
    const upgrade = () =>
      stripe.subscriptions.update(subscription.id, {
        items,
        proration_behavior: 'always_invoice',
        payment_behavior: 'error_if_incomplete',
      });
    await control(fake, 'card', { customer: shop.customer.id, behaviour: 'fails_later' });
    await expect(upgrade()).rejects.toMatchObject({ type: 'StripeCardError', code: 'card_declined' });
    expect((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.price.id).toBe(
      shop.monthly.id,
    );
    await control(fake, 'card', { customer: shop.customer.id, behaviour: 'pays' });
    expect((await upgrade()).items.data[0]?.price.id).toBe(shop.larger.id);
    const [invoice] = (await stripe.invoices.list({ customer: shop.customer.id })).data;
    expect(invoice).toMatchObject({ status: 'paid', total: 7_000, billing_reason: 'subscription_update' });
  });

  test('has what was metered before an upgrade on its invoice, at the price of before, and once', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    const meter = (identifier: string) =>
      stripe.billing.meterEvents.create({
        event_name: 'stager_image',
        identifier,
        payload: { stripe_customer_id: shop.customer.id, value: '1' },
      });
    const cheaper = await stripe.prices.create({
      currency: 'usd',
      product: String(shop.overage.product),
      unit_amount: 25,
      recurring: { interval: 'month', usage_type: 'metered', meter: shop.overage.recurring?.meter ?? '' },
    });
    await meter('led_1');
    await meter('led_2');
    const prices = [shop.larger.id, cheaper.id];
    await stripe.subscriptions.update(subscription.id, {
      items: subscription.items.data.map(({ id }, at) => ({ id, price: prices[at] ?? '' })),
      proration_behavior: 'always_invoice',
    });
    await meter('led_3');
    await control(fake, 'advance', { by: '1mo' });
    const { data } = await stripe.invoices.list({ customer: shop.customer.id });
    expect(data.map(({ total }) => total)).toEqual([9_900 + 25, 7_000 + 2 * 35, 2_900]);
  });

  test('is downgraded by a schedule at the end of its period', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    const schedule = await stripe.subscriptionSchedules.create({ from_subscription: subscription.id });
    const [present] = schedule.phases;
    await stripe.subscriptionSchedules.update(schedule.id, {
      end_behavior: 'release',
      phases: [
        {
          items:
            present?.items.map(({ price, quantity }) => ({
              price: String(price),
              ...(quantity && { quantity }),
            })) ?? [],
          start_date: present?.start_date ?? 0,
          end_date: present?.end_date ?? 0,
        },
        {
          items: [{ price: shop.larger.id, quantity: 1 }],
          duration: { interval: 'month', interval_count: 1 },
        },
      ],
    });
    // Whoever follows a schedule is not changed by hand.
    await expect(
      stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }),
    ).rejects.toThrow('schedule');
    const [listed] = (
      await stripe.subscriptions.list({
        customer: shop.customer.id,
        expand: ['data.schedule', 'data.latest_invoice'],
      })
    ).data;
    expect(listed).toMatchObject({ schedule: { phases: [{}, {}] }, latest_invoice: { status: 'paid' } });
    await control(fake, 'advance', { by: '1mo' });
    const after = await stripe.subscriptions.retrieve(subscription.id);
    expect(after.schedule).toBeNull();
    expect(after.items.data.map(({ price }) => price.id)).toEqual([shop.larger.id]);
  });

  test('is canceled at the end of its period, unless somebody thinks better of it', async () => {
    const { fake, stripe, shop, subscription } = await subscribed();
    const { url } = await stripe.billingPortal.sessions.create({
      customer: shop.customer.id,
      return_url: 'http://127.0.0.1:9/b',
    });
    await post(url, { act: 'cancel' });
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      cancel_at_period_end: true,
      status: 'active',
    });
    await post(url, { act: 'resume' });
    await control(fake, 'advance', { by: '1mo' });
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active');
    await stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true });
    await control(fake, 'advance', { by: '1mo' });
    expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('canceled');
  });

  test('is changed at the portal, whose address nobody can guess', async () => {
    const { stripe, shop, subscription } = await subscribed();
    const { url } = await stripe.billingPortal.sessions.create({
      customer: shop.customer.id,
      return_url: 'http://127.0.0.1:9/b',
    });
    const page = await (await fetch(url)).text();
    expect(page).toContain('Card ending in 4242');
    expect(page).toContain('http://127.0.0.1:9/b');
    await post(url, { price: shop.larger.id });
    expect((await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.price.id).toBe(
      shop.larger.id,
    );
    expect((await post(url, { act: 'card', ...GOOD, number: '4000000000000002' })).status).toBe(402);
    expect((await post(url, { act: 'card', ...GOOD, number: '4000000000000341' })).status).toBe(303);
    expect(await (await fetch(url)).text()).toContain('Card ending in 0341');
    expect((await fetch(`${url}x`)).status).toBe(404);
  });

  test('is not changed at a portal whose shop does not want that', async () => {
    const { stripe, shop, subscription } = await subscribed();
    const [configuration] = (await stripe.billingPortal.configurations.list()).data;
    await stripe.billingPortal.configurations.update(configuration?.id ?? '', {
      features: { subscription_cancel: { enabled: false }, subscription_update: { enabled: false } },
    });
    const { url } = await stripe.billingPortal.sessions.create({ customer: shop.customer.id });
    const page = await (await fetch(url)).text();
    expect(page).not.toContain('Cancel at the end');
    expect(page).not.toContain('Change to');
    await post(url, { act: 'cancel' });
    await post(url, { price: shop.larger.id });
    expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
      cancel_at_period_end: false,
      items: { data: [{ price: { id: shop.monthly.id } }, {}] },
    });
  });
});
