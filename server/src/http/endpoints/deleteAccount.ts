import { routes } from '../../contract/index.ts';
import { deleteAccount, presentDeletion } from '../../core/admin/deletions.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.deleteAccount, async (act, { params, body }) =>
  presentDeletion(await deleteAccount(act, params.accountId, body)),
);
