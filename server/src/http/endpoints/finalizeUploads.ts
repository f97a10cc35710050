import { routes } from '../../contract/index.ts';
import { finalizeUploads } from '../../core/uploads/finalizeUploads.ts';
import { recomputeEndpoint } from '../endpoint.ts';

export default recomputeEndpoint(routes.finalizeUploads, {
  plan: async (_act, { body }) => body.uploadIds,
  render: async (act, { deps }, uploadIds) => ({
    results: await finalizeUploads({ ...deps, limits: deps.settings.uploads }, act, uploadIds),
  }),
});
