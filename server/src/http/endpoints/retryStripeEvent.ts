import { routes } from '../../contract/index.ts';
import { retryStripeEvent } from '../../core/admin/stripeEvents.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.retryStripeEvent, (act, { params }) =>
  retryStripeEvent(act, params.eventId),
);
