import { routes } from '../../contract/index.ts';
import { cancelDeletion, presentDeletion } from '../../core/admin/deletions.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.cancelAccountDeletion, async (act, { params }) =>
  presentDeletion(await cancelDeletion(act, params.accountId)),
);
