import { routes } from '../../contract/index.ts';
import { listUsage } from '../../core/billing/usage.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getBillingUsage, (act, { query, deps }) =>
  listUsage(act, deps.settings.plans, query),
);
