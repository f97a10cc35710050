import { routes } from '../../contract/index.ts';
import { getRun } from '../../core/reconcile/commands.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getReconcileRun, async (act, { params }) =>
  presentRun(await getRun(act, params.runId)),
);
