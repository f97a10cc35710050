import { routes } from '../../contract/index.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { presentImage } from '../../core/images/present.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listImages, async ({ tx, caller }, { query }) => {
  const page = await tx.images.list(
    caller.accountId,
    { projectId: query.projectId, state: query.state },
    { limit: query.limit, after: decodeCursor(query.cursor, 'img') },
  );
  return { items: page.items.map(presentImage), nextCursor: encodeCursor(page.next) };
});
