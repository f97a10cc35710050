import { routes } from '../../contract/index.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.listReconcileRuns, async ({ tx }, { query }) => {
  const { limit, cursor } = query;
  const page = await tx.reconcile.list({ limit, after: decodeCursor(cursor, 'rec') });
  return { items: page.items.map(presentRun), nextCursor: encodeCursor(page.next) };
});
