import { routes } from '../../contract/index.ts';
import { suspendAccount } from '../../core/admin/accounts.ts';
import { presentAccount } from '../../core/admin/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.suspendAccount, async (act, { params, body }) =>
  presentAccount(await suspendAccount(act, params.accountId, body.reason)),
);
