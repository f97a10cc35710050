import { routes } from '../../contract/index.ts';
import { getAccount } from '../../core/admin/accounts.ts';
import { presentClient } from '../../core/admin/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listClients, async (act, { params, query }) => {
  const { id } = await getAccount(act, params.accountId);
  const page = await act.tx.clients.list(id, {
    limit: query.limit,
    after: decodeCursor(query.cursor, 'mem'),
  });
  return {
    items: page.items.map((client) => presentClient(id, client)),
    nextCursor: encodeCursor(page.next),
  };
});
