import { routes } from '../../contract/index.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { presentProject } from '../../core/projects/present.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.listProjects, async ({ tx, caller }, { query }) => {
  const page = await tx.projects.list(caller.accountId, {
    limit: query.limit,
    after: decodeCursor(query.cursor, 'prj'),
  });
  return { items: page.items.map(presentProject), nextCursor: encodeCursor(page.next) };
});
