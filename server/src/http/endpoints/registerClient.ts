import { routes } from '../../contract/index.ts';
import { registerClient } from '../../core/admin/clients.ts';
import { presentClient } from '../../core/admin/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.registerClient, async (act, { params, body }) =>
  presentClient(params.accountId, await registerClient(act, params.accountId, body)),
);
