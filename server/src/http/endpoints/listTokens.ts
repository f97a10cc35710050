import { routes } from '../../contract/index.ts';
import { presentToken } from '../../core/accounts/present.ts';
import { listTokens } from '../../core/accounts/tokens.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listTokens, async (act, { query }) => {
  const page = await listTokens(act, { limit: query.limit, after: decodeCursor(query.cursor, 'tok') });
  return {
    items: page.items.map((row) => presentToken(row, act.now)),
    nextCursor: encodeCursor(page.next),
  };
});
