import { routes } from '../../contract/index.ts';
import { presentDeadLetter } from '../../core/admin/present.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listDeadLetters, async ({ tx }, { query }) => {
  const { limit, cursor, code, account } = query;
  const after = decodeCursor(cursor, 'job');
  const found = await tx.jobs.listDead({ code, accountId: account, limit: limit + 1, after });
  const items = found.slice(0, limit);
  const next = found.length > limit ? (items.at(-1)?.id ?? null) : null;
  return { items: items.map(presentDeadLetter), nextCursor: encodeCursor(next) };
});
