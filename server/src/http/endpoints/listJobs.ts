import { routes } from '../../contract/index.ts';
import { presentJob } from '../../core/admin/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listJobs, async ({ tx }, { query }) => {
  const { limit, cursor, ...filter } = query;
  const page = await tx.jobs.list(filter, { limit, after: decodeCursor(cursor, 'job') });
  return { items: page.items.map(presentJob), nextCursor: encodeCursor(page.next) };
});
