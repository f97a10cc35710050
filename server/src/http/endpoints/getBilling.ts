import { routes } from '../../contract/index.ts';
import { readBilling } from '../../core/billing/account.ts';
import { readEndpoint } from '../endpoint.ts';

export default readEndpoint(routes.getBilling, (act, { deps }) => readBilling(act, deps.settings.plans));
