import { routes } from '../../contract/index.ts';
import { undoRun } from '../../core/reconcile/commands.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.undoReconcile, async (act, { params }) =>
  presentRun(await undoRun(act, params.runId)),
);
