import { routes } from '../../contract/index.ts';
import { readInvoices } from '../../core/billing/purchases/invoices.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listInvoices, ({ caller }, { deps, query }) =>
  readInvoices({ store: deps.store.account(caller.accountId), caller, payments: deps.payments }, query),
);
