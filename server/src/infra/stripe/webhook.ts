import type Stripe from 'stripe';
import { SignatureRejected, type VerifyWebhook } from '../../ports/index.ts';
import { loadStripe } from './client.ts';
import { isStripeError } from './errors.ts';
import { idOf } from './read.ts';

/** Seconds between the signature and its arrival. An older one may have been recorded by somebody and be sent again. */
const TOLERANCE_SECONDS = 300;

/** Accepts what was signed with any of the secrets: while one is exchanged for the next, both are in use. */
export function createWebhookVerifier(secrets: readonly string[]): VerifyWebhook {
  return async (body, signature) => {
    const { webhooks } = await loadStripe();
    for (const secret of secrets) {
      const event = verify(webhooks, body, signature, secret);
      if (event) return toEvent(event);
    }
    throw new SignatureRejected('The signature is not right, or older than five minutes.');
  };
}

function verify(
  webhooks: Stripe.Webhooks,
  body: Buffer,
  signature: string,
  secret: string,
): Stripe.Event | undefined {
  try {
    return webhooks.constructEvent(body, signature, secret, TOLERANCE_SECONDS);
  } catch (error) {
    if (isStripeError(error) && error.type === 'StripeSignatureVerificationError') return undefined;
    // Signed by nobody, as it is no JSON.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function toEvent(event: Stripe.Event) {
  return {
    id: event.id,
    type: event.type,
    createdAt: new Date(event.created * 1000),
    apiVersion: event.api_version,
    customerId: customerOf(event.data.object),
    payload: event,
  };
}

/** The customer himself, or the one whom the object names. */
function customerOf(object: object): string | null {
  // All objects of Stripe have these at most; which of them depends on the type of the event.
  const {
    object: kind,
    id,
    customer,
  } = object as {
    object?: string;
    id?: string;
    customer?: string | { id: string } | null;
  };
  if (kind === 'customer') return id ?? null;
  return customer ? idOf(customer) : null;
}
