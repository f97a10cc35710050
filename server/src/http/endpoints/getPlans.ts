import { routes } from '../../contract/index.ts';
import { offeredPlans } from '../../core/billing/plans.ts';
import { publicEndpoint } from '../endpoint.ts';

export default publicEndpoint(routes.getPlans, async ({ deps }) => ({
  items: offeredPlans(deps.settings.plans),
}));
