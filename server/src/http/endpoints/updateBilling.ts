import { routes } from '../../contract/index.ts';
import { changeBilling } from '../../core/billing/account.ts';
import { writeEndpoint } from '../endpoint.ts';

export default writeEndpoint(routes.updateBilling, (act, { body, deps }) =>
  changeBilling(act, deps.settings.plans, body),
);
