import { routes } from '../../contract/index.ts';
import { acceptInvitation, enterByInvitation } from '../../core/accounts/invitations.ts';
import { presentMember } from '../../core/accounts/present.ts';
import { entryEndpoint } from '../endpoint.ts';

export default entryEndpoint(routes.acceptInvitation, {
  enter: (tx, { body }) => enterByInvitation(tx, body.secret),
  handle: async (act, { invitation, account }) => ({
    account: { id: account.id, name: account.name },
    member: presentMember(await acceptInvitation(act, invitation)),
  }),
});
