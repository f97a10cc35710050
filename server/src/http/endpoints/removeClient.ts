import { routes } from '../../contract/index.ts';
import { removeClient } from '../../core/admin/clients.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.removeClient, async (act, { params }) => {
  await removeClient(act, params.accountId, params.clientId);
  return undefined;
});
