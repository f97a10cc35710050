import { ALL_SCOPES, routes } from '../../contract/index.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getMe, async (_act, { caller, token }) => ({
  principal: caller.principal,
  account: { id: caller.account.id, name: caller.account.name, plan: caller.account.plan },
  role: caller.role,
  scopes: ALL_SCOPES.filter((scope) => token.scopes.includes(scope)),
  credential: token.credential,
  expiresAt: token.expiresAt.toISOString(),
}));
