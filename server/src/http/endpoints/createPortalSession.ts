import { routes } from '../../contract/index.ts';
import { beginPortal, enterPortal } from '../../core/billing/purchases/portal.ts';
import { recomputeEndpoint } from '../endpoint.ts';

export default recomputeEndpoint(routes.createPortalSession, {
  plan: (act, { deps }) => beginPortal(act, deps.payments),
  // The page of the first answer may have expired.
  renew: (act, { deps }) => beginPortal(act, deps.payments),
  async render({ caller }, { deps }, visit) {
    const store = deps.store.account(caller.accountId);
    // Without a page of ours, where Stripe's own settings say.
    const back = deps.pages && `${deps.pages.publicUrl}/billing`;
    return { url: await enterPortal({ store, caller, payments: deps.payments }, visit, back) };
  },
});
