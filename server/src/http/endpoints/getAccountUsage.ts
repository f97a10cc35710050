import { routes } from '../../contract/index.ts';
import { accountUsage } from '../../core/admin/stats.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getAccountUsage, (act, { params, deps }) =>
  accountUsage(act, deps.settings.plans, params.accountId),
);
