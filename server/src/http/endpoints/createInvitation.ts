import { routes } from '../../contract/index.ts';
import { createInvitation } from '../../core/accounts/invitations.ts';
import { presentInvitation } from '../../core/accounts/present.ts';
import { onceEndpoint } from '../endpoint.ts';

export default onceEndpoint(routes.createInvitation, async (act, { body }) => {
  const { invitation, secret } = await createInvitation(act, body);
  return { secret, shown: { invitation: presentInvitation(invitation, act.now) } };
});
