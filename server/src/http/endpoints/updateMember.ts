import { routes } from '../../contract/index.ts';
import { changeRole } from '../../core/accounts/members.ts';
import { presentMember } from '../../core/accounts/present.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.updateMember, async (act, { params, body }) =>
  presentMember(await changeRole(act, params.memberId, body.role)),
);
