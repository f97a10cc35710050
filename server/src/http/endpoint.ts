import type { BodyOf, ParamsOf, QueryOf, ResultOf, Role, RouteSpec } from '../contract/index.ts';
import { requireStill } from '../core/accounts/members.ts';
import type { ResolvedCaller } from '../core/accounts/resolveCaller.ts';
import type { AdminAct } from '../core/admin/context.ts';
import type { Act } from '../core/context.ts';
import { DomainError } from '../core/errors.ts';
import type { Sent } from '../core/events/follow.ts';
import type { SentRun } from '../core/reconcile/follow.ts';
import type { AccountStore, AdminStore, AdminTx, VerifiedToken } from '../ports/index.ts';
import type { Deps } from './deps.ts';
import { withIdempotency } from './idempotency.ts';

/** A request that has passed authentication, limits and validation. */
export interface Exchange {
  readonly deps: Deps;
  readonly requestId: string;
  /** Of the client, as far as proxies in front are trusted. */
  readonly ip: string;
  readonly now: Date;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly token: VerifiedToken | null;
  readonly caller: ResolvedCaller | null;
  readonly idempotencyKey: string | null;
  readonly lastEventId: string | undefined;
  /** Fires when the client is gone. */
  readonly signal: AbortSignal;
}

export interface Request<R extends RouteSpec> extends Exchange {
  readonly params: ParamsOf<R>;
  readonly query: QueryOf<R>;
  readonly body: BodyOf<R>;
}

/** Who asks, and with what. */
export interface Credentials {
  readonly token: VerifiedToken;
  readonly caller: ResolvedCaller;
}

export interface AuthedRequest<R extends RouteSpec> extends Request<R>, Credentials {
  readonly token: VerifiedToken;
  readonly caller: ResolvedCaller;
}

/** Opens a stream that ends when its signal fires. */
export type OpenStream = (signal: AbortSignal) => AsyncGenerator<Sent | SentRun>;

export type Reply =
  | { readonly result: unknown; readonly replayed?: boolean }
  | { readonly stream: OpenStream; readonly reader: Credentials };

export interface Endpoint {
  readonly route: RouteSpec;
  run(exchange: Exchange): Promise<Reply>;
}

// The adapter has parsed params, query and body with this route's schemas: the one place where that is asserted.
function parsed<R extends RouteSpec>(_route: R, exchange: Exchange): Request<R> {
  return exchange as Request<R>;
}

function authed<R extends RouteSpec>(route: R, exchange: Exchange): AuthedRequest<R> {
  const { token, caller } = exchange;
  if (!token || !caller) throw new Error(`${route.name} was reached without a caller`);
  return { ...parsed(route, exchange), token, caller };
}

/** An operation that needs no token. */
export function publicEndpoint<R extends RouteSpec & { scope: null }>(
  route: R,
  handle: (request: Request<R>) => Promise<ResultOf<R>>,
): Endpoint {
  return { route, run: async (exchange) => ({ result: await handle(parsed(route, exchange)) }) };
}

/** An operation that changes nothing; its reads stand alone. */
export function readEndpoint<R extends RouteSpec>(
  route: R,
  handle: (act: Act, request: AuthedRequest<R>) => Promise<ResultOf<R>>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      return { result: await handle(actOf(request, own(request).read), request) };
    },
  };
}

/** An operation that is one transaction; a POST is kept with it for repeats of its Idempotency-Key. */
export function writeEndpoint<R extends RouteSpec>(
  route: R,
  handle: (act: Act, request: AuthedRequest<R>) => Promise<ResultOf<R>>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      const reply = await own(request).transaction((tx) => {
        const act = actOf(request, tx);
        return withIdempotency(route, act, request, () => handle(act, request));
      });
      exchange.deps.kickRelay();
      return reply;
    },
  };
}

/**
 * An operation whose answer holds links or is settled item by item. `plan` is the act, done once and kept with the
 * key, and `renew` what a repeat makes of it when time has passed; `render` makes the answer, anew for each repeat.
 * It leaves nothing in the outbox that could not wait for the relay's next look.
 */
export function recomputeEndpoint<R extends RouteSpec & { idempotent: 'recompute' }, P>(
  route: R,
  steps: {
    plan: (act: Act, request: AuthedRequest<R>) => Promise<P>;
    renew?: (act: Act, request: AuthedRequest<R>, kept: P) => Promise<P>;
    render: (act: Act, request: AuthedRequest<R>, plan: P) => Promise<ResultOf<R>>;
  },
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      const store = own(request);
      const kept = await store.transaction((tx) => {
        const act = actOf(request, tx);
        const { renew } = steps;
        return withIdempotency(
          route,
          act,
          request,
          () => steps.plan(act, request),
          // What was kept is what this operation's own `plan` answered, as JSON; so below.
          renew && ((before) => renew(act, request, before as P)),
        );
      });
      const result = await steps.render(actOf(request, store.read), request, kept.result as P);
      return { ...kept, result };
    },
  };
}

/** The properties of an answer in the mode `once`; see `shownOnce` in the contract. */
type ShownOnce = 'secret' | 'secretStatus';

/**
 * An operation that makes a secret. The secret is in the first answer alone: what is kept with the key, and what a
 * repeat gets, does not hold it.
 */
export function onceEndpoint<R extends RouteSpec & { idempotent: 'once' }>(
  route: R,
  handle: (
    act: Act,
    request: AuthedRequest<R>,
  ) => Promise<{ secret: string; shown: Omit<ResultOf<R> & object, ShownOnce> }>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      const { reply, secret } = await own(request).transaction(async (tx) => {
        const act = actOf(request, tx);
        let made: string | null = null;
        const kept = await withIdempotency(route, act, request, async () => {
          const { secret: fresh, shown } = await handle(act, request);
          made = fresh;
          return shown;
        });
        return { reply: kept, secret: made };
      });
      const secretStatus = secret === null ? 'shown_before' : 'shown';
      // What was kept is an object, as `handle` answered it.
      return { ...reply, result: { ...(reply.result as object), secret, secretStatus } };
    },
  };
}

/** Where an operation for whoever has a token leads, and as what. */
export interface Entry {
  readonly accountId: string;
  readonly role: Role;
}

/** An operation by which a principal comes into an account: it has no membership before, and need not have one. */
export function entryEndpoint<R extends RouteSpec & { role: null }, E extends Entry>(
  route: R,
  steps: {
    /** @throws DomainError when the request leads into no account */
    enter: (tx: Act['tx'], request: Request<R>) => Promise<E>;
    handle: (act: Act, entry: E) => Promise<ResultOf<R>>;
  },
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = parsed(route, exchange);
      const { token, requestId, ip, now, deps } = request;
      if (!token) throw new Error(`${route.name} was reached without a token`);
      const reply = await deps.store.transaction(async (tx) => {
        const entry = await steps.enter(tx, request);
        const { accountId, role } = entry;
        const caller = { accountId, principal: token.subject, role };
        const act: Act = { tx, caller, credential: token.credential, requestId, ip, now };
        return withIdempotency(route, act, request, () => steps.handle(act, entry));
      });
      deps.callers.forget(token.subject);
      return reply;
    },
  };
}

/** An operation on accounts that are not the caller's: it is for operators, and runs as a database role of its own. */
export function adminEndpoint<R extends RouteSpec & { role: 'admin' }>(
  route: R,
  handle: (act: AdminAct, request: AuthedRequest<R>) => Promise<ResultOf<R>>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      return adminStore(exchange.deps).transaction(async (tx) => {
        const act = adminActOf(request, tx);
        await requireStill(act, 'admin');
        return withIdempotency(route, act, request, () => handle(act, request));
      });
    },
  };
}

/** The same for a look that also asks somebody outside, before the transaction: it must not wait for that. */
export function askingAdminEndpoint<R extends RouteSpec & { role: 'admin' }, A>(
  route: R,
  steps: {
    ask: (deps: Deps) => Promise<A>;
    handle: (act: AdminAct, answer: A, deps: Deps) => Promise<ResultOf<R>>;
  },
): Endpoint {
  return {
    route,
    async run(exchange) {
      const { deps } = authed(route, exchange);
      const answer = await steps.ask(deps);
      return adminEndpoint(route, (act) => steps.handle(act, answer, deps)).run(exchange);
    },
  };
}

/**
 * An operator's act within another account, done as that account does it itself: by the role of requests, which sees
 * no other account in the meantime. What it leads to is looked up as an operator.
 */
export function operatorEndpoint<R extends RouteSpec & { role: 'admin' }>(
  route: R,
  handle: (act: Act, request: AuthedRequest<R>, admin: AdminStore) => Promise<ResultOf<R>>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      const admin = adminStore(exchange.deps);
      const reply = await exchange.deps.store.transaction(async (tx) => {
        const act = actOf(request, tx);
        await requireStill(act, 'admin');
        return withIdempotency(route, act, request, () => handle(act, request, admin));
      });
      exchange.deps.kickRelay();
      return reply;
    },
  };
}

function adminStore({ admin }: Deps): AdminStore {
  if (admin) return admin;
  throw new DomainError(
    'unavailable',
    'This process serves no operations of admins: it is not given STAGER_ADMIN_DATABASE_URL.',
  );
}

function adminActOf(request: AuthedRequest<RouteSpec>, tx: AdminTx): AdminAct {
  const { caller, token, requestId, ip, now } = request;
  return { tx, caller, credential: token.credential, requestId, ip, now };
}

/** An operation that answers with server-sent events. */
export function streamEndpoint<R extends RouteSpec>(
  route: R,
  handle: (act: Act, request: AuthedRequest<R>) => Promise<OpenStream>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      return { stream: await handle(actOf(request, own(request).read), request), reader: request };
    },
  };
}

/** The caller's part of the database. */
function own({ deps, caller }: AuthedRequest<RouteSpec>): AccountStore {
  return deps.store.account(caller.accountId);
}

function actOf(request: AuthedRequest<RouteSpec>, tx: Act['tx']): Act {
  const { caller, token, requestId, ip, now } = request;
  return { tx, caller, credential: token.credential, requestId, ip, now };
}

/** An operation for operators that answers with server-sent events. */
export function adminStreamEndpoint<R extends RouteSpec & { role: 'admin' }>(
  route: R,
  handle: (act: AdminAct, request: AuthedRequest<R>, admin: AdminStore) => Promise<OpenStream>,
): Endpoint {
  return {
    route,
    async run(exchange) {
      const request = authed(route, exchange);
      const admin = adminStore(exchange.deps);
      const stream = await admin.transaction(async (tx) => {
        const act = adminActOf(request, tx);
        await requireStill(act, 'admin');
        return handle(act, request, admin);
      });
      return { stream, reader: request };
    },
  };
}
