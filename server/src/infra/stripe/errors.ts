import type Stripe from 'stripe';
import { PaymentsError } from '../../ports/index.ts';

/**
 * What the client throws, in our words; what it says of requests may hold customers' data and is for logs: it is the
 * cause. A fault of our own stays what it is.
 */
export function inOurWords(error: unknown): unknown {
  return isStripeError(error) ? toPaymentsError(error) : error;
}

function toPaymentsError(error: Stripe.errors.StripeError): PaymentsError {
  const options = { cause: error };
  switch (error.type) {
    case 'StripeCardError':
      return new PaymentsError('declined', declineOf(error), options);
    case 'StripeAuthenticationError':
    case 'StripePermissionError':
      return new PaymentsError(
        'misconfigured',
        'The payment provider does not accept the key of this installation, or not for this.',
        options,
      );
    case 'StripeInvalidRequestError':
    case 'StripeIdempotencyError':
      // Somebody else holds the object, or the same key, at this moment.
      if (error.statusCode === 409 || error.code === 'lock_timeout') break;
      return new PaymentsError('refused', 'The payment provider does not do this now.', options);
    default:
  }
  return new PaymentsError('unavailable', 'The payment provider does not answer as it should.', options);
}

/** Stripe's words for cardholders, which name no card. */
function declineOf({ code, message }: Stripe.errors.StripeError): string {
  if (code === 'authentication_required' || code === 'subscription_payment_intent_requires_action') {
    return 'The bank wants the owner of the card to confirm the payment.';
  }
  return `The payment was declined: ${message}`;
}

export function isStripeError(error: unknown): error is Stripe.errors.StripeError {
  // By shape: the class is in a package that is loaded only where it is used.
  return error instanceof Error && 'type' in error && String(error.type).startsWith('Stripe');
}

/** Whether the object that was asked for does not exist. */
export function isMissing(error: unknown): boolean {
  return isStripeError(error) && error.code === 'resource_missing';
}
