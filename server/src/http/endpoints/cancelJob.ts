import { routes } from '../../contract/index.ts';
import { cancelJob } from '../../core/admin/jobs.ts';
import { operatorEndpoint } from '../endpoint.ts';

export default operatorEndpoint(routes.cancelJob, (act, { params }, admin) =>
  cancelJob(act, admin, params.jobId),
);
