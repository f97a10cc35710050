import { routes } from '../../contract/index.ts';
import { applyRun } from '../../core/reconcile/commands.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.applyReconcile, async (act, { params, body }) =>
  presentRun(await applyRun(act, params.runId, body.override)),
);
