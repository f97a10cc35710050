import { routes } from '../../contract/index.ts';
import { replayJobs } from '../../core/admin/jobs.ts';
import { operatorEndpoint } from '../endpoint.ts';

export default operatorEndpoint(routes.replayDeadLetters, async (act, { body }, admin) => ({
  results: await replayJobs(act, admin, body.jobIds),
}));
