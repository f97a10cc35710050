import { routes } from '../../contract/index.ts';
import { countStats } from '../../core/admin/stats.ts';
import { adminEndpoint } from '../endpoint.ts';

export default adminEndpoint(routes.getStats, (act, { deps }) => countStats(act, deps.settings.plans));
