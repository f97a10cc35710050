import { routes } from '../../contract/index.ts';
import { listStripeEvents } from '../../core/admin/stripeEvents.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listStripeEvents, (act, { query }) => listStripeEvents(act, query));
