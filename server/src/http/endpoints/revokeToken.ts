import { routes } from '../../contract/index.ts';
import { revokeToken } from '../../core/accounts/tokens.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.revokeToken, async (act, { params }) => {
  await revokeToken(act, params.tokenId);
  return undefined;
});
