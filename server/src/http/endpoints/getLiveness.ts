import { routes } from '../../contract/index.ts';
import { publicEndpoint } from '../endpoint.ts';

export default publicEndpoint(routes.getLiveness, async () => ({ status: 'ok' as const }));
