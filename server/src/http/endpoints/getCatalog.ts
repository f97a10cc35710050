import { routes } from '../../contract/index.ts';
import { buildCatalog } from '../../core/catalog/catalog.ts';
import { publicEndpoint } from '../endpoint.ts';

export default publicEndpoint(routes.getCatalog, async ({ deps }) => buildCatalog(deps.settings.uploads));
