import { routes } from '../../contract/index.ts';
import { presentDeletion } from '../../core/admin/deletions.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listAccountDeletions, async ({ tx }, { query }) => {
  const page = await tx.deletions.list({ limit: query.limit, after: decodeCursor(query.cursor, 'del') });
  return { items: page.items.map(presentDeletion), nextCursor: encodeCursor(page.next) };
});
