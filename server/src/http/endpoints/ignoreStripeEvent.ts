import { routes } from '../../contract/index.ts';
import { ignoreStripeEvent } from '../../core/admin/stripeEvents.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.ignoreStripeEvent, (act, { params, body }) =>
  ignoreStripeEvent(act, params.eventId, body.reason),
);
