import { routes } from '../../contract/index.ts';
import { paymentsOf } from '../../core/billing/purchases/desk.ts';
import { createTicket, writeTicket } from '../../core/billing/tickets.ts';
import { DomainError } from '../../core/errors.ts';
import { recomputeEndpoint } from '../endpoint.ts';

export default recomputeEndpoint(routes.createCheckoutLink, {
  plan(act, { body, deps }) {
    paymentsOf(deps);
    return createTicket(act, body.plan);
  },
  render: async (_act, { deps }, { expiresAt, ...ticket }) => {
    if (!deps.pages) throw unavailable();
    const { publicUrl, keyring } = deps.pages;
    const query = new URLSearchParams({ ticket: writeTicket(keyring, ticket) });
    return { url: `${publicUrl}/billing/checkout?${query}`, expiresAt };
  },
});

function unavailable(): DomainError {
  return new DomainError('billing_unavailable', 'This installation has no checkout page. Ask who runs it.');
}
