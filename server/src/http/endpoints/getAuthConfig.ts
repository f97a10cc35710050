import { ALL_SCOPES, routes } from '../../contract/index.ts';
import { publicEndpoint } from '../endpoint.ts';

export default publicEndpoint(routes.getAuthConfig, async ({ deps }) => ({
  issuer: deps.settings.issuer,
  audience: deps.settings.audience,
  cliClientId: deps.settings.cliClientId,
  scopes: [...ALL_SCOPES],
}));
