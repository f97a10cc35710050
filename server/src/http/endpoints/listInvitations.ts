import { routes } from '../../contract/index.ts';
import { presentInvitation } from '../../core/accounts/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listInvitations, async ({ tx, caller, now }, { query }) => {
  const page = await tx.invitations.list(caller.accountId, {
    limit: query.limit,
    after: decodeCursor(query.cursor, 'inv'),
  });
  return {
    items: page.items.map((row) => presentInvitation(row, now)),
    nextCursor: encodeCursor(page.next),
  };
});
