import { routes } from '../../contract/index.ts';
import { issueTickets, planUploads, renewUploads } from '../../core/uploads/createUploads.ts';
import { recomputeEndpoint } from '../endpoint.ts';

export default recomputeEndpoint(routes.createUploads, {
  plan: (act, { body, deps }) => planUploads(act, body.files, deps.settings.uploads),
  renew: (act, { body, deps }, kept) => renewUploads(act, body.files, kept, deps.settings.uploads),
  render: async (act, { deps }, plan) => ({ results: await issueTickets(act, deps.objects, plan) }),
});
