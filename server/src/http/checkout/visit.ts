import type { Context } from 'koa';
import type { BrowserSession } from '../../core/accounts/browserSessions.ts';
import type { Act } from '../../core/context.ts';
import type { Tx } from '../../ports/index.ts';
import type { Deps } from '../deps.ts';
import type { Csrf } from './csrf.ts';
import type { PagesDeps } from './deps.ts';
import type { Viewer } from './view/layout.ts';

/** A request for a page that has passed the limits; of a form, that it came from a page of ours. */
export interface Visit {
  readonly ctx: Context;
  readonly deps: Deps;
  readonly pages: PagesDeps;
  readonly csrf: Csrf;
  readonly requestId: string;
  readonly ip: string;
  readonly now: Date;
  readonly query: URLSearchParams;
  /** Empty for what is no form. */
  readonly form: URLSearchParams;
}

export interface HolderVisit extends Visit {
  /** Value of the cookie. */
  readonly secret: string;
}

export interface MemberVisit extends Visit {
  readonly session: BrowserSession;
  readonly viewer: Viewer;
}

export type Answer =
  | {
      readonly page: string;
      readonly status?: number;
      /** Without a script, a page that waits comes again by itself. */
      readonly refresh?: { readonly seconds: number; readonly to: string };
      /** Whether it has the script of pages that wait. */
      readonly scripted?: boolean;
    }
  /** For that script. */
  | { readonly json: object }
  | { readonly to: string };

/** As the commands of the domain know it; the credential names the session. */
export function actOf({ session, requestId, ip, now }: MemberVisit, tx: Tx): Act {
  const credential = { kind: 'login', id: session.id } as const;
  return { tx, caller: session.caller, credential, requestId, ip, now };
}

/** The account's part of the database, each call by itself. */
export function readAct(visit: MemberVisit): Act {
  return actOf(visit, visit.deps.store.account(visit.session.caller.accountId).read);
}

export function inTransaction<T>(visit: MemberVisit, run: (act: Act) => Promise<T>): Promise<T> {
  const account = visit.deps.store.account(visit.session.caller.accountId);
  return account.transaction((tx) => run(actOf(visit, tx)));
}
