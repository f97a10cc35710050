import { routes } from '../../contract/index.ts';
import { presentMember } from '../../core/accounts/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listMembers, async ({ tx, caller }, { query }) => {
  const page = await tx.members.list(caller.accountId, {
    limit: query.limit,
    after: decodeCursor(query.cursor, 'mem'),
  });
  return { items: page.items.map(presentMember), nextCursor: encodeCursor(page.next) };
});
