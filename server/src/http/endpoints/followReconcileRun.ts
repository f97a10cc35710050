import { routes } from '../../contract/index.ts';
import { getRun } from '../../core/reconcile/commands.ts';
import { followRun } from '../../core/reconcile/follow.ts';
import { adminStreamEndpoint } from '../endpoint.ts';

export default adminStreamEndpoint(routes.followReconcileRun, async (act, { params, deps }, admin) => {
  await getRun(act, params.runId);
  const { clock, settings } = deps;
  return (signal) => followRun({ admin, clock, pingMs: settings.streams.pingMs }, params.runId, signal);
});
