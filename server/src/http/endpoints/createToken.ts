import { routes } from '../../contract/index.ts';
import { presentToken } from '../../core/accounts/present.ts';
import { createToken } from '../../core/accounts/tokens.ts';
import { onceEndpoint } from '../endpoint.ts';

export default onceEndpoint(routes.createToken, async (act, { body, token: presented }) => {
  const { token, secret } = await createToken(act, body, presented.scopes);
  return { secret, shown: { token: presentToken(token, act.now) } };
});
