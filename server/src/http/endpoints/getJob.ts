import { routes } from '../../contract/index.ts';
import { findJob } from '../../core/admin/jobs.ts';
import { presentJob } from '../../core/admin/present.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getJob, async ({ tx }, { params }) =>
  presentJob(await findJob(tx, params.jobId)),
);
