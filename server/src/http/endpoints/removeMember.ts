import { routes } from '../../contract/index.ts';
import { removeMember } from '../../core/accounts/members.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.removeMember, async (act, { params }) => {
  await removeMember(act, params.memberId);
  return undefined;
});
