import { routes } from '../../contract/index.ts';
import { resumeAccount } from '../../core/admin/accounts.ts';
import { presentAccount } from '../../core/admin/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.resumeAccount, async (act, { params }) =>
  presentAccount(await resumeAccount(act, params.accountId)),
);
