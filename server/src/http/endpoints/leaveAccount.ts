import { routes } from '../../contract/index.ts';
import { leaveAccount } from '../../core/accounts/members.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.leaveAccount, async (act) => {
  await leaveAccount(act);
  return undefined;
});
