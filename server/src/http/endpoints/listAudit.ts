import { routes } from '../../contract/index.ts';
import { presentAudit } from '../../core/admin/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listAudit, async ({ tx }, { query }) => {
  const { limit, cursor, since, ...filter } = query;
  const page = await tx.log.list(
    { ...filter, since: since === undefined ? undefined : new Date(since) },
    { limit, after: decodeCursor(cursor, 'aud') },
  );
  return { items: page.items.map(presentAudit), nextCursor: encodeCursor(page.next) };
});
