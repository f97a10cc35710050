import { routes } from '../../contract/index.ts';
import { startRun } from '../../core/reconcile/commands.ts';
import { presentRun } from '../../core/reconcile/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.startReconcile, async (act, { body }) =>
  presentRun(await startRun(act, body)),
);
