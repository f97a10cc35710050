import { randomUUID } from 'node:crypto';
import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { type RouteSpec, routeList, TOKEN_PREFIX } from '../contract/index.ts';
import type { ResolvedCaller } from '../core/accounts/resolveCaller.ts';
import { DomainError } from '../core/errors.ts';
import { TokenRejected, type VerifiedToken } from '../ports/index.ts';
import type { PagesDeps } from './checkout/deps.ts';
import { isPagePath } from './checkout/returnTo.ts';
import type { Deps } from './deps.ts';
import type { Endpoint, Exchange, Reply } from './endpoint.ts';
import { endpoints } from './endpoints/index.ts';
import { bearerToken, requireRole, requireScope } from './middleware/authenticate.ts';
import { addressOf, countRefused, senderOf, takeBudget } from './middleware/limit.ts';
import { readInput } from './middleware/validate.ts';
import { toProblem } from './problem.ts';
import { answerStream } from './stream.ts';
import { createStreamSlots, type StreamSlots } from './streamSlots.ts';
import { receiveStripeEvent, STRIPE_WEBHOOK } from './webhooks/stripe.ts';

const REQUEST_ID = /^[A-Za-z0-9._-]{8,80}$/;

/** The Koa application: every operation of the contract, wired from the route table alone. */
export function createApp(deps: Deps): Koa {
  const app = new Koa();
  app.silent = true;
  // One spelling for each address: what stands in front of us may have rules for it.
  const slots = createStreamSlots(deps.settings.streams.perAccount);
  const router = new Router({ sensitive: true, strict: true });
  for (const endpoint of Object.values<Endpoint>(endpoints)) {
    const { route } = endpoint;
    router.register(route.path, [route.method], (ctx) => serve(deps, slots, endpoint, ctx), {
      name: route.name,
    });
  }
  router.post(STRIPE_WEBHOOK, (ctx) => receiveStripeEvent(deps, ctx));
  app.use((ctx, next) => observe(deps, ctx, next));
  if (deps.pages) app.use(servePages(deps, deps.pages));
  app.use(router.routes());
  app.use((ctx) => refuseUnrouted(deps, ctx));
  return app;
}

/** The pages in a browser, which few processes serve often: loaded when the first one is asked for. */
function servePages(deps: Deps, pages: PagesDeps): Koa.Middleware {
  let loaded: Promise<(ctx: Context) => Promise<void>> | undefined;
  return async (ctx, next) => {
    if (!isPagePath(ctx.path)) return next();
    loaded ??= import('./checkout/index.ts').then(({ createPages }) => createPages(deps, pages));
    await (await loaded)(ctx);
  };
}

async function observe(deps: Deps, ctx: Context, next: () => Promise<void>): Promise<void> {
  const started = performance.now();
  const given = ctx.get('x-request-id');
  const requestId = REQUEST_ID.test(given) ? given : randomUUID();
  ctx.state['requestId'] = requestId;
  ctx.set('X-Request-Id', requestId);
  let failure: unknown;
  try {
    await next();
  } catch (error) {
    failure = error;
    answerProblem(ctx, error, requestId);
  }
  const line = {
    requestId,
    operation: ctx.state['operation'] ?? 'none',
    method: ctx.method,
    status: ctx.status,
    ms: Math.round(performance.now() - started),
    accountId: ctx.state['accountId'],
  };
  // Behind the head of a stream the status is 200 whatever comes.
  const broken = failure !== undefined && ctx.headerSent;
  failure ??= ctx.state['failure'];
  if (ctx.status >= 500 || broken) deps.log.error({ ...line, err: failure }, 'request failed');
  else deps.log.info(line, 'request');
}

function answerProblem(ctx: Context, error: unknown, requestId: string): void {
  if (ctx.headerSent) {
    ctx.res.destroy();
    return;
  }
  const problem = toProblem(error, requestId);
  ctx.status = problem.status;
  ctx.set(problem.headers);
  // A body that was not read must not be taken for the next request.
  if (!ctx.req.complete) ctx.set('Connection', 'close');
  ctx.body = JSON.stringify(problem.body);
  ctx.type = 'application/problem+json';
}

/** The steps of every operation, in this order. */
async function serve(deps: Deps, slots: StreamSlots, endpoint: Endpoint, ctx: Context): Promise<void> {
  const { route } = endpoint;
  ctx.state['operation'] = route.name;
  const identity = await identify(deps, route, ctx);
  const input = await readInput(route, ctx, deps.settings);
  const gone = new AbortController();
  ctx.res.once('close', () => gone.abort());
  const exchange: Exchange = {
    deps,
    requestId: String(ctx.state['requestId']),
    ip: addressOf(ctx, deps.settings.trustedProxies),
    now: deps.clock.now(),
    ...identity,
    ...input,
    lastEventId: ctx.get('last-event-id') || undefined,
    signal: gone.signal,
  };
  const reply = await endpoint.run(exchange);
  if (!('stream' in reply)) answerResult(deps, route, ctx, reply);
  else if (ctx.method === 'HEAD') answerStreamHead(ctx);
  else await holdStream(slots, ctx, exchange, reply);
}

async function identify(
  deps: Deps,
  route: RouteSpec,
  ctx: Context,
): Promise<Pick<Exchange, 'token' | 'caller'>> {
  if (route.scope === null) {
    await takeBudget(ctx, deps.limiter, route.rate, `from:${senderOf(ctx, deps.settings.trustedProxies)}`);
    return { token: null, caller: null };
  }
  const token = await verifyCredential(deps, ctx);
  const caller = await admit(deps, route, token).catch(async (error: unknown) => {
    // Who may not do this has no account to be counted against, or shall not use up what others need.
    if (error instanceof DomainError || error instanceof TokenRejected) {
      await takeBudget(ctx, deps.limiter, route.rate, `principal:${token.subject}`);
    }
    throw error;
  });
  if (caller) ctx.state['accountId'] = caller.accountId;
  const payer = caller ? `account:${caller.accountId}` : `principal:${token.subject}`;
  await takeBudget(ctx, deps.limiter, route.rate, payer);
  if (caller) requireRole(route, caller);
  return { token, caller };
}

/** Null where the operation asks for no membership. */
async function admit(deps: Deps, route: RouteSpec, token: VerifiedToken): Promise<ResolvedCaller | null> {
  requireScope(route, token);
  if (route.role === null) return null;
  const caller = await deps.callers.resolve(token.subject, { signUp: token.credential.kind === 'login' });
  if (token.accountId !== null && token.accountId !== caller.accountId) {
    throw new TokenRejected('The personal access token is for an account that you left.');
  }
  return caller;
}

/** The one place where credentials are looked at; their beginning says of which kind they are. */
async function verifyCredential(deps: Deps, ctx: Context): Promise<VerifiedToken> {
  try {
    const presented = bearerToken(ctx.headers.authorization);
    return await (presented.startsWith(TOKEN_PREFIX)
      ? deps.personalTokens.verify(presented)
      : deps.verifyToken(presented));
  } catch (error) {
    // An outage is nobody's attempt.
    if (error instanceof TokenRejected || error instanceof DomainError) {
      await countRefused(ctx, deps.limiter, deps.settings.trustedProxies);
    }
    throw error;
  }
}

function answerStreamHead(ctx: Context): void {
  ctx.status = 200;
  ctx.type = 'text/event-stream';
}

async function holdStream(
  slots: StreamSlots,
  ctx: Context,
  exchange: Exchange,
  { reader, stream }: Extract<Reply, { stream: unknown }>,
): Promise<void> {
  const leave = slots.take(reader.caller.accountId);
  try {
    await answerStream(ctx, exchange, reader, stream);
  } finally {
    leave();
  }
}

function answerResult(
  deps: Deps,
  route: RouteSpec,
  ctx: Context,
  reply: Extract<Reply, { result: unknown }>,
): void {
  const { schema, status } = route.success;
  ctx.status = status;
  if (reply.replayed) ctx.set('Idempotent-Replayed', 'true');
  if (!schema) return;
  if (deps.settings.checkResponses) {
    const checked = schema.safeParse(reply.result);
    if (!checked.success) throw new Error(`${route.name} broke its contract: ${checked.error.message}`);
  }
  ctx.body = JSON.stringify(reply.result);
  ctx.type = 'application/json';
}

async function refuseUnrouted(deps: Deps, ctx: Context): Promise<never> {
  await takeBudget(ctx, deps.limiter, 'public', `from:${senderOf(ctx, deps.settings.trustedProxies)}`);
  const allowed = routeList
    .filter((route) => pathPattern(route.path).test(ctx.path))
    .flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  if (allowed.length > 0) {
    ctx.set('Allow', allowed.join(', '));
    throw new DomainError(
      'method_not_allowed',
      `${ctx.method} is not possible here; ${allowed.join(', ')} is.`,
    );
  }
  throw new DomainError('not_found', 'There is nothing at this address. See the reference of the API.');
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/:[A-Za-z]+/g, '[^/]+')}$`);
}
