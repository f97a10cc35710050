import { hash } from 'node:crypto';
import { z } from 'zod';
import { IssuerUnavailable, LoginRefused } from '../../ports/index.ts';
import { html } from '../html.ts';
import { clearCookie, type LoginCookie, loginCookies, readCookie, setCookie } from './cookies.ts';
import { safeReturn } from './returnTo.ts';
import { linkButton, noticePage } from './view/layout.ts';
import type { Answer, HolderVisit, Visit } from './visit.ts';

/** Logins that a browser may have under way, in as many tabs; the one that was begun first gives way to another. */
const LOGINS_MAX = 5;
/** Time that a person may take at the issuer. */
const LOGIN_S = 15 * 60;
/** The session itself ends sooner, here and not in the browser. */
const COOKIE_S = 24 * 60 * 60;

/** What the browser brings back from the issuer in a cookie that only we can read. */
const Pending = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  /** Milliseconds since the epoch. */
  until: z.number(),
});

export function loginPath(returnTo: string): string {
  return `/billing/login?${new URLSearchParams({ return: safeReturn(returnTo) })}`;
}

/** To log in as another person than the one who is logged in at the issuer. */
export function otherLoginPath(returnTo: string): string {
  return `${loginPath(returnTo)}&as=other`;
}

export async function beginLogin(visit: Visit): Promise<Answer> {
  const { ctx, pages, query, now } = visit;
  const returnTo = safeReturn(query.get('return'));
  const { url, pending } = await pages.login.begin(query.get('as') === 'other');
  const kept = { ...pending, returnTo, until: now.getTime() + LOGIN_S * 1000 };
  for (const name of tooMany(visit)) clearCookie(ctx, name);
  setCookie(ctx, cookieOf(pending.state), pages.keyring.seal('login', JSON.stringify(kept)), LOGIN_S);
  return { to: url };
}

/** Named by the state, which comes back in the address: an answer of the issuer finds its own login, and no other. */
function cookieOf(state: string): LoginCookie {
  return `login_${hash('sha256', state, 'hex').slice(0, 16)}`;
}

/** What has to go so that there is room for one more. */
function tooMany(visit: Visit): LoginCookie[] {
  const all = loginCookies(visit.ctx).map((name) => ({ name, until: readPending(visit, name)?.until ?? 0 }));
  const newest = all.toSorted((a, b) => b.until - a.until);
  return newest.filter(({ until }, at) => until === 0 || at >= LOGINS_MAX - 1).map(({ name }) => name);
}

/** A login that this browser did not begin is nobody's: it would log its person in as somebody else. */
export async function finishLogin(visit: Visit): Promise<Answer> {
  const { ctx, pages, query } = visit;
  const cookie = cookieOf(query.get('state') ?? '');
  const pending = readPending(visit, cookie);
  if (!pending) return answerStale(visit);
  clearCookie(ctx, cookie);
  const { returnTo, ...sent } = pending;
  try {
    const given = await pages.login.finish(ctx.querystring, sent);
    const secret = await pages.sessions.open(given, visit);
    // A new value each time: one that somebody else knew before is worth nothing afterwards.
    const former = readCookie(ctx, 'session');
    if (former !== undefined) await pages.sessions.end(former, visit);
    setCookie(ctx, 'session', secret, COOKIE_S);
    return { to: returnTo };
  } catch (error) {
    if (error instanceof LoginRefused) return answerRefused(error, returnTo);
    throw error;
  }
}

function readPending({ ctx, pages, now }: Visit, cookie: LoginCookie): z.infer<typeof Pending> | undefined {
  const text = pages.keyring.open('login', readCookie(ctx, cookie) ?? '');
  const pending = text === undefined ? undefined : Pending.safeParse(JSON.parse(text)).data;
  return pending && pending.until > now.getTime() ? pending : undefined;
}

async function answerStale({ ctx, pages }: Visit): Promise<Answer> {
  const secret = readCookie(ctx, 'session');
  // Somebody went back to an address that has done its work.
  if (secret !== undefined && (await pages.sessions.find(secret))) return { to: '/billing' };
  const text = [
    'It was begun in another browser or window, it took too long, or this browser keeps no cookies of this site.',
    'Nothing has happened. Allow cookies, and log in again.',
  ];
  const actions = [linkButton(loginPath('/billing'), 'Log in', true)];
  return {
    status: 400,
    page: noticePage(null, { sign: 'warn', title: 'This login is not valid', text, actions }),
  };
}

function answerRefused({ code }: LoginRefused, returnTo: string): Answer {
  const canceled = code === 'access_denied';
  const title = canceled ? 'You are not logged in' : 'The login did not work';
  const text = canceled
    ? ['The login was canceled, or you may not use this application.']
    : [`The login page answered “${code}”. Try again; if it stays so, tell who runs this installation.`];
  const actions = [
    linkButton(loginPath(returnTo), 'Log in', true),
    linkButton(otherLoginPath(returnTo), 'Log in as somebody else'),
  ];
  return { status: 403, page: noticePage(null, { sign: 'bad', title, text, actions }) };
}

/** The issuer did not answer, has no address for it, or cannot be told which session of its own was meant. */
const HERE_ONLY = '/billing/logout?here=only';

/** Here first: whatever the issuer does, this session is over. */
export async function logOut(visit: HolderVisit): Promise<Answer> {
  const { ctx, pages, secret } = visit;
  const idToken = await pages.sessions.end(secret, visit);
  for (const name of ['session', 'csrf', ...loginCookies(ctx)] as const) clearCookie(ctx, name);
  try {
    const url = idToken === undefined ? null : await pages.login.logoutUrl(idToken);
    return { to: url ?? HERE_ONLY };
  } catch (error) {
    if (error instanceof IssuerUnavailable) return { to: HERE_ONLY };
    throw error;
  }
}

export async function showLoggedOut({ query }: Visit): Promise<Answer> {
  const text =
    query.get('here') === 'only'
      ? ['Your session here has ended. At the login page you may still be logged in.']
      : [
          html`Your session in this browser has ended. Terminals stay logged in; there it is <code>stager logout</code>.`,
        ];
  const actions = [linkButton(loginPath('/billing'), 'Log in again')];
  return { page: noticePage(null, { sign: 'good', title: 'You are logged out', text, actions }) };
}
