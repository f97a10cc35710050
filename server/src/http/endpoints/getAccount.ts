import { routes } from '../../contract/index.ts';
import { getAccount } from '../../core/admin/accounts.ts';
import { presentAccount } from '../../core/admin/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getAccount, async (act, { params }) =>
  presentAccount(await getAccount(act, params.accountId)),
);
