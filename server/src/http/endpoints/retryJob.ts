import { routes } from '../../contract/index.ts';
import { retryJob } from '../../core/admin/jobs.ts';
import { tariffOf } from '../deps.ts';
import { operatorEndpoint } from '../endpoint.ts';

export default operatorEndpoint(routes.retryJob, (act, { params, deps }, admin) =>
  retryJob(act, admin, tariffOf(deps), params.jobId),
);
