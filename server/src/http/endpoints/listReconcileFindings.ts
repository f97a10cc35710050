import { routes } from '../../contract/index.ts';
import { decodeCursor, encodeCursor } from '../../core/cursor.ts';
import { getRun } from '../../core/reconcile/commands.ts';
import { presentFinding } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

const PREFIX = 'fnd_';

export default adminEndpoint(routes.listReconcileFindings, async (act, { params, query }) => {
  const { limit, cursor, ...filter } = query;
  await getRun(act, params.runId);
  const after = Number(decodeCursor(cursor, 'fnd')?.slice(PREFIX.length) ?? 0);
  const page = await act.tx.reconcile.findings(params.runId, filter, { limit, after });
  const next = page.next === null ? null : `${PREFIX}${String(page.next).padStart(26, '0')}`;
  return { items: page.items.map(presentFinding), nextCursor: encodeCursor(next) };
});
