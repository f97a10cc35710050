import type { Context } from 'koa';
import { isKept } from '../../core/billing/stripe/eventTypes.ts';
import { DomainError } from '../../core/errors.ts';
import { SignatureRejected, type StripeEvent, type VerifyWebhook } from '../../ports/index.ts';
import type { Deps } from '../deps.ts';
import { senderOf, takeBudget } from '../middleware/limit.ts';
import { readBytes } from '../middleware/validate.ts';

export const STRIPE_WEBHOOK = '/v1/webhooks/stripe';
/** Bytes. The largest events, invoices with many lines, have some hundred thousand. */
const BODY_LIMIT = 1024 * 1024;

/**
 * Keeps what Stripe tells, and answers as soon as it is kept; a worker does the rest. Stripe sends an event again until it
 * is answered with 200, and sometimes also then: what was kept before changes nothing.
 */
export async function receiveStripeEvent(deps: Deps, ctx: Context): Promise<void> {
  ctx.state['operation'] = 'stripeWebhook';
  const verify = await requireSecrets(deps, ctx);
  const event = await readEvent(deps, ctx, verify);
  if (isKept(event.type)) await keep(deps, event);
  ctx.status = 200;
  ctx.body = JSON.stringify({ received: true });
  ctx.type = 'application/json';
}

/** Stripe comes again for three days: what is told in the meantime is not lost. */
async function requireSecrets(deps: Deps, ctx: Context): Promise<VerifyWebhook> {
  if (deps.verifyWebhook) return deps.verifyWebhook;
  await countAgainstSender(deps, ctx);
  throw new DomainError(
    'billing_unavailable',
    'Events of Stripe are not accepted: the operator has not set STAGER_STRIPE_WEBHOOK_SECRETS.',
  );
}

/** The signature is one of the bytes: they are not parsed before it was found to be right. */
async function readEvent(deps: Deps, ctx: Context, verify: VerifyWebhook): Promise<StripeEvent> {
  const { bodyMs } = deps.settings;
  const body = await readBytes(ctx.req, { bodyLimit: BODY_LIMIT, bodyMs });
  try {
    return await verify(body, ctx.get('stripe-signature'));
  } catch (error) {
    if (!(error instanceof SignatureRejected)) throw error;
    // Who cannot sign is counted; Stripe, which sends bursts, is not.
    await countAgainstSender(deps, ctx);
    throw new DomainError(
      'invalid_request',
      `${error.message} Look at the signing secret of the endpoint, and at the clock.`,
    );
  }
}

/** Row and ring in one transaction: what is answered with 200 is going to be handled. */
async function keep(deps: Deps, event: StripeEvent): Promise<void> {
  await deps.store.transaction(async (tx) => {
    if (!(await tx.stripe.addEvent(event))) return;
    await tx.outbox.add([{ kind: 'stripe', customerId: event.customerId }]);
  });
}

function countAgainstSender({ limiter, settings }: Deps, ctx: Context): Promise<void> {
  return takeBudget(ctx, limiter, 'public', `from:${senderOf(ctx, settings.trustedProxies)}`);
}
