import { ALL_SCOPES, routes } from '../../contract/index.ts';
import { standingOf } from '../../core/billing/account.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getMe, async (act, { caller, token, deps }) => ({
  principal: caller.principal,
  account: {
    id: caller.account.id,
    name: caller.account.name,
    plan: (await standingOf(act, deps.settings.plans)).plan.id,
  },
  role: caller.role,
  scopes: ALL_SCOPES.filter((scope) => token.scopes.includes(scope)),
  credential: token.credential,
  expiresAt: token.expiresAt.toISOString(),
}));
