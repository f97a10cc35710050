import { routes } from '../../contract/index.ts';
import { latest, presentDeletion } from '../../core/admin/deletions.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getAccountDeletion, async (act, { params }) =>
  presentDeletion(await latest(act, params.accountId)),
);
