import type { Scope } from '../../contract/index.ts';
import { buy, cancel, manage, resume, showOrder } from './buy.ts';
import { showCanceled, showSuccess, tellState } from './comeBack.ts';
import { beginLogin, finishLogin, logOut, showLoggedOut } from './login.ts';
import { confirmCancel, setPayAsYouGo, showOverview } from './overview.ts';
import { STATE_PATH } from './view/wait.ts';
import type { Answer, HolderVisit, MemberVisit, Visit } from './visit.ts';

/** A page or a form. What is posted is checked for where it came from, whoever adds a route. */
export type PageRoute = {
  /** Label of logs and metrics. */
  readonly name: string;
  readonly method: 'GET' | 'POST';
  readonly path: string;
} & (
  | { readonly access: 'anybody'; readonly method: 'GET'; readonly run: (visit: Visit) => Promise<Answer> }
  | {
      /** Whoever has the cookie, also where its session is not good just now. */
      readonly access: 'holder';
      readonly method: 'POST';
      readonly run: (visit: HolderVisit) => Promise<Answer>;
    }
  | {
      readonly access: 'member' | 'owner';
      readonly scope: Scope;
      readonly run: (visit: MemberVisit) => Promise<Answer>;
    }
);

export const PAGE_ROUTES: readonly PageRoute[] = [
  anybody('login', '/billing/login', beginLogin),
  anybody('callback', '/billing/callback', finishLogin),
  anybody('loggedOut', '/billing/logout', showLoggedOut),
  look('overview', '/billing', showOverview),
  look('success', '/billing/success', showSuccess),
  look('state', STATE_PATH, tellState),
  look('canceled', '/billing/canceled', showCanceled),
  { ...look('order', '/billing/checkout', showOrder), access: 'owner', scope: 'billing:write' },
  { ...look('confirmCancel', '/billing/cancel', confirmCancel), access: 'owner', scope: 'billing:write' },
  change('buy', '/billing/buy', buy),
  change('portal', '/billing/portal', manage),
  change('cancel', '/billing/cancel', cancel),
  change('resume', '/billing/resume', resume),
  change('payAsYouGo', '/billing/pay-as-you-go', setPayAsYouGo),
  { name: 'logout', method: 'POST', path: '/billing/logout', access: 'holder', run: logOut },
];

type Run<V> = (visit: V) => Promise<Answer>;

function anybody(name: string, path: string, run: Run<Visit>) {
  return { name, method: 'GET', path, access: 'anybody', run } as const;
}

function look(name: string, path: string, run: Run<MemberVisit>) {
  return { name, method: 'GET', path, access: 'member', scope: 'billing:read', run } as const;
}

function change(name: string, path: string, run: Run<MemberVisit>) {
  return { name, method: 'POST', path, access: 'owner', scope: 'billing:write', run } as const;
}
