import type { Context } from 'koa';
import { hasRole } from '../../contract/index.ts';
import { DomainError } from '../../core/errors.ts';
import { newId } from '../../core/ids.ts';
import type { Deps } from '../deps.ts';
import { addressOf, senderOf, takeBudget } from '../middleware/limit.ts';
import { readCookie } from './cookies.ts';
import { createCsrf } from './csrf.ts';
import type { PagesDeps } from './deps.ts';
import { failurePage } from './failure.ts';
import { readForm } from './form.ts';
import { loginPath } from './login.ts';
import { safeReturn } from './returnTo.ts';
import { PAGE_ROUTES, type PageRoute } from './routes.ts';
import type { Viewer } from './view/layout.ts';
import { STYLE, STYLE_PATH } from './view/style.ts';
import { STATE_PATH, WAIT_SCRIPT, WAIT_SCRIPT_PATH } from './view/wait.ts';
import type { Answer, MemberVisit, Visit } from './visit.ts';

/** Cookies outlive no session; the session knows its end itself. */
const CSRF_S = 24 * 60 * 60;
const FILE_S = 365 * 24 * 60 * 60;

interface File {
  /** Label of logs and metrics. */
  readonly name: string;
  readonly type: string;
  readonly body: string;
}

/** The hash of what they are is part of their names. */
const FILES: ReadonlyMap<string, File> = new Map([
  [STYLE_PATH, { name: 'page.style', type: 'text/css', body: STYLE }],
  [WAIT_SCRIPT_PATH, { name: 'page.script', type: 'text/javascript', body: WAIT_SCRIPT }],
]);

/** The pages in a browser: every request below /billing. Never throws: failures are pages as well. */
export function createPages(deps: Deps, pages: PagesDeps): (ctx: Context) => Promise<void> {
  const csrf = createCsrf(pages.keyring, pages.publicUrl);
  const policy = contentPolicy(pages);
  // In full: not every file of this origin is a script of ours, as some are what customers have uploaded.
  const scripts = `script-src ${pages.publicUrl}${WAIT_SCRIPT_PATH}; connect-src ${pages.publicUrl}${STATE_PATH}`;

  return async function servePage(ctx) {
    protect(ctx, policy);
    const file = FILES.get(ctx.path);
    if (file) return answerFile(ctx, file);
    const seen: { viewer: Viewer | null } = { viewer: null };
    try {
      const { ip, requestId } = { ip: addressOf(ctx, deps.settings.trustedProxies), requestId: idOf(ctx) };
      await takeBudget(ctx, deps.limiter, 'public', `from:${senderOf(ctx, deps.settings.trustedProxies)}`);
      const route = findRoute(ctx);
      ctx.state['operation'] = `page.${route.name}`;
      // Before anything is read of it.
      if (route.method === 'POST') csrf.checkOrigin(ctx);
      const form = route.method === 'POST' ? await readForm(ctx) : new URLSearchParams();
      const query = new URLSearchParams(ctx.querystring);
      const visit: Visit = { ctx, deps, pages, csrf, ip, requestId, now: deps.clock.now(), query, form };
      const result = await run(route, visit, seen);
      if ('scripted' in result && result.scripted) protect(ctx, `${policy}; ${scripts}`);
      answer(ctx, result);
    } catch (error) {
      answerFailure(ctx, error, seen.viewer);
    }
  };
}

function idOf(ctx: Context): string {
  return String(ctx.state['requestId']);
}

/** In the place of what answers of the API carry: a page of ours has a style sheet and forms, and no script unless it waits. */
function contentPolicy({ login, payOrigins }: PagesDeps): string {
  // Browsers hold redirects behind a form to it, too: out of it lead the way to pay and the way to log out.
  const forms = ["'self'", login.origin, ...payOrigins].join(' ');
  return `default-src 'none'; style-src 'self'; img-src data:; form-action ${forms}; base-uri 'none'; frame-ancestors 'none'`;
}

function protect(ctx: Context, policy: string): void {
  ctx.set('Content-Security-Policy', policy);
  // Not `no-referrer`, under which browsers send forms with the origin `null`. To other sites, nothing is told.
  ctx.set('Referrer-Policy', 'same-origin');
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
  ctx.set('Permissions-Policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()');
}

function answerFile(ctx: Context, { name, type, body }: File): void {
  ctx.state['operation'] = name;
  ctx.type = type;
  ctx.set('Cache-Control', `public, max-age=${FILE_S}, immutable`);
  ctx.body = body;
}

function findRoute(ctx: Context): PageRoute {
  const method = ctx.method === 'HEAD' ? 'GET' : ctx.method;
  const there = PAGE_ROUTES.filter(({ path }) => path === ctx.path);
  const route = there.find((one) => one.method === method);
  if (route) return route;
  if (there.length === 0) throw new DomainError('not_found', 'There is no such page.');
  ctx.set('Allow', there.map((one) => (one.method === 'GET' ? 'GET, HEAD' : one.method)).join(', '));
  throw new DomainError('method_not_allowed', 'This address is of another kind.');
}

async function run(route: PageRoute, visit: Visit, seen: { viewer: Viewer | null }): Promise<Answer> {
  if (route.access === 'anybody') return route.run(visit);
  const { ctx, deps, pages, csrf, form } = visit;
  if (route.access === 'holder') {
    const secret = readCookie(ctx, 'session');
    if (secret === undefined) return { to: loginPath(whereFrom(visit)) };
    csrf.checkToken(ctx, { binding: pages.sessions.bindingOf(secret) }, form.get('csrf'));
    return route.run({ ...visit, secret });
  }
  const member = await signIn(visit);
  if (!member) return { to: loginPath(whereFrom(visit)) };
  seen.viewer = member.viewer;
  const { caller } = member.session;
  ctx.state['accountId'] = caller.accountId;
  if (route.method === 'POST') csrf.checkToken(ctx, member.session, form.get('csrf'));
  const rate = route.method === 'POST' ? 'write' : 'read';
  await takeBudget(ctx, deps.limiter, rate, `account:${caller.accountId}`);
  requireRights(route, member);
  return route.run(member);
}

async function signIn(visit: Visit): Promise<MemberVisit | undefined> {
  const { ctx, pages, csrf } = visit;
  const secret = readCookie(ctx, 'session');
  const session = secret === undefined ? undefined : await pages.sessions.find(secret);
  // The cookie is left as it is: another tab may have replaced it by one that is good while this was asked.
  if (!session) return undefined;
  const token = csrf.token(ctx, session, CSRF_S);
  return { ...visit, session, viewer: { session, csrf: token, attempt: newId('att') } };
}

/** Back to the page itself, or to the one that a form was on: what was sent is not done in another session. */
function whereFrom({ ctx, pages }: Visit): string {
  if (ctx.method !== 'POST') return safeReturn(ctx.url);
  const from = URL.parse(ctx.get('referer'));
  return from?.origin === pages.publicUrl ? safeReturn(`${from.pathname}${from.search}`) : '/billing';
}

function requireRights(route: PageRoute & { access: 'member' | 'owner' }, { session }: MemberVisit): void {
  if (!session.scopes.includes(route.scope)) {
    throw new DomainError(
      'insufficient_scope',
      `Your login does not include ${route.scope}. Ask whoever gives people their roles at the login page.`,
    );
  }
  if (route.access === 'owner' && !hasRole(session.caller.role, 'owner')) {
    throw new DomainError('role_required', 'Only an owner of the account can do this. Ask one of them.');
  }
}

function answer(ctx: Context, result: Answer): void {
  if ('to' in result) {
    // 303: a form is not sent on.
    ctx.status = 303;
    ctx.set('Location', result.to);
    ctx.body = '';
    return;
  }
  if ('json' in result) {
    ctx.body = result.json;
    return;
  }
  ctx.status = result.status ?? 200;
  if (result.refresh) ctx.set('Refresh', `${result.refresh.seconds}; url=${result.refresh.to}`);
  ctx.type = 'html';
  ctx.body = result.page;
}

function answerFailure(ctx: Context, error: unknown, viewer: Viewer | null): void {
  const here = ctx.method === 'POST' ? '/billing' : ctx.url;
  const { status, page, retryAfter } = failurePage(error, { viewer, requestId: idOf(ctx), here });
  if (retryAfter !== undefined) ctx.set('Retry-After', String(retryAfter));
  // A body that was not read must not be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  answer(ctx, { page, status });
  // For the log.
  ctx.state['failure'] = error;
}
