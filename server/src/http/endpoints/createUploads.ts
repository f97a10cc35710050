import { routes } from '../../contract/index.ts';
import { issueTickets, planUploads } from '../../core/uploads/createUploads.ts';
import { recomputeEndpoint } from '../endpoint.ts';

export default recomputeEndpoint(routes.createUploads, {
  plan: (act, { body, deps }) => planUploads(act, body.files, deps.settings.uploads),
  render: async (act, { deps }, plan) => ({ results: await issueTickets(act, deps.objects, plan) }),
});
