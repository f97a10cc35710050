import { routes } from '../../contract/index.ts';
import { presentAccount } from '../../core/admin/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listAccounts, async ({ tx }, { query }) => {
  const suspended = query.state === undefined ? undefined : query.state === 'suspended';
  const page = await tx.accounts.list(suspended, {
    limit: query.limit,
    after: decodeCursor(query.cursor, 'acc'),
  });
  return { items: page.items.map(presentAccount), nextCursor: encodeCursor(page.next) };
});
