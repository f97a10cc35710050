import { routes } from '../../contract/index.ts';
import { revokeInvitation } from '../../core/accounts/invitations.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.revokeInvitation, async (act, { params }) => {
  await revokeInvitation(act, params.invitationId);
  return undefined;
});
