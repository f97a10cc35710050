import Stripe from 'stripe';

/** As Stripe would send it now, signed with this secret. */
export function signed(payload: string, secret: string, at = Date.now()): Record<string, string> {
  const timestamp = Math.floor(at / 1000);
  return {
    'content-type': 'application/json; charset=utf-8',
    'stripe-signature': Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp }),
  };
}

/** An event of the pinned version about an object. */
export function eventOf(id: string, type: string, object: object): string {
  return JSON.stringify(
    {
      id,
      object: 'event',
      api_version: '2026-10-28.endive',
      created: Math.floor(Date.now() / 1000),
      data: { object },
      livemode: false,
      pending_webhooks: 1,
      request: null,
      type,
    },
    null,
    2,
  );
}
