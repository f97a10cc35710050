import { routes } from '../../contract/index.ts';
import { cancelRun } from '../../core/reconcile/commands.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.cancelReconcile, async (act, { params }) =>
  presentRun(await cancelRun(act, params.runId)),
);
