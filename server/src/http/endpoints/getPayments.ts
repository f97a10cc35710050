import { routes } from '../../contract/index.ts';
import { askStripe, lookAtPayments } from '../../core/admin/payments.ts';
import { askingAdminEndpoint } from '../endpoint.ts';

export default askingAdminEndpoint(routes.getPayments, {
  ask: ({ payments }) => askStripe(payments),
  handle: (act, stripe, { verifyWebhook }) =>
    lookAtPayments(act, { stripe, webhookSecret: verifyWebhook !== null }),
});
