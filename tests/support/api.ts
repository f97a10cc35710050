import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type Koa from 'koa';
import { createBrowserSessions } from '../../server/src/core/accounts/browserSessions.ts';
import { createKeyring } from '../../server/src/core/accounts/keyring.ts';
import { createPersonalTokens } from '../../server/src/core/accounts/personalTokens.ts';
import { type CallerResolver, createCallerResolver } from '../../server/src/core/accounts/resolveCaller.ts';
import { SESSION_TIMES, type SessionTimes } from '../../server/src/core/accounts/sessionPolicy.ts';
import { plansWith } from '../../server/src/core/billing/plans.ts';
import { createEventHub, type EventHub } from '../../server/src/core/events/hub.ts';
import { examine } from '../../server/src/core/uploads/examine.ts';
import { createMemory } from '../../server/src/core/uploads/memory.ts';
import { createApp } from '../../server/src/http/app.ts';
import type { PagesDeps } from '../../server/src/http/checkout/deps.ts';
import type { Settings } from '../../server/src/http/deps.ts';
import { createApiServer, type ServerOptions } from '../../server/src/http/server.ts';
import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { createLogger } from '../../server/src/infra/log.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import {
  createListener,
  createPostgresAdminStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import {
  type Clock,
  type Limiter,
  LoginRefused,
  type Payments,
  type Store,
  systemClock,
  TokenRejected,
  type VerifiedToken,
  type VerifyWebhook,
  type WebLogin,
} from '../../server/src/ports/index.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { findSecrets } from './secretsInLogs.ts';
import { makeTempDir } from './tempDir.ts';

/** A line of the API's log, as far as tests look at it. */
export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

export interface TestApi {
  readonly url: string;
  readonly pages: PagesDeps;
  readonly database: TestDatabase;
  readonly store: Store;
  readonly hub: EventHub;
  readonly log: readonly LogLine[];
  readonly server: Server;
  /** As a deployment's SIGTERM. */
  drain(): void;
  /** News of an account, as the relay tells them. */
  notify(accountId: string): Promise<void>;
  close(): Promise<void>;
}

/** What is special about the checkout pages of a test. */
export interface TestPages {
  /** Given the address of the API. */
  readonly login?: (url: string) => WebLogin;
  /** Of the sessions. */
  readonly clock?: Clock;
  readonly times?: Partial<SessionTimes>;
}

export interface TestApiOptions {
  /** Of several APIs, one after the other; whoever made it drops it. Default: its own. */
  readonly database?: TestDatabase;
  readonly pages?: TestPages;
  readonly streams?: Partial<Settings['streams']>;
  readonly settings?: Partial<Settings>;
  /** Default: more than any test sends. */
  readonly limiter?: Limiter;
  /** What the HTTP server is given beside its limits of production. */
  readonly server?: Partial<Omit<ServerOptions, 'handle' | 'log'>>;
  readonly openSignup?: boolean;
  readonly payments?: Payments;
  readonly verifyWebhook?: VerifyWebhook;
  /** What stands for the issuer: who a token is, and until when. */
  readonly who: (token: string) => { subject: string; expiresAt: Date } | undefined;
  readonly scopes: readonly string[];
  /** In the place of `who`: how tokens are verified. */
  readonly verifyToken?: (token: string) => Promise<VerifiedToken>;
}

/** The issuer of a test that is not about logins. */
const NO_LOGIN: WebLogin = {
  origin: 'https://issuer.example',
  begin: async () => ({
    url: 'https://issuer.example/authorize',
    pending: { state: 's', nonce: 'n', verifier: 'v' },
  }),
  finish: () => Promise.reject(new LoginRefused('access_denied')),
  renew: () => Promise.reject(new LoginRefused('invalid_grant')),
  logoutUrl: async () => null,
};

function makePages(
  wish: TestPages,
  url: string,
  parts: { store: Store; callers: CallerResolver; verifyToken: (token: string) => Promise<VerifiedToken> },
): PagesDeps {
  const keyring = createKeyring(['session-secret-0123456789']);
  const login = wish.login?.(url) ?? NO_LOGIN;
  const clock = wish.clock ?? systemClock;
  const times = { ...SESSION_TIMES, ...wish.times };
  return {
    keyring,
    login,
    sessions: createBrowserSessions({ ...parts, keyring, login, clock, times }),
    publicUrl: url,
    payOrigins: ['https://checkout.stripe.com'],
  };
}

/** Seconds pass fast: what is remembered of members is a tenth of a second old at most. */
function quickTime(): number {
  return Date.now() * 50;
}

/** The API in this process, on a real database; only the issuer is told by the test. */
export async function startTestApi(options: TestApiOptions): Promise<TestApi> {
  const database = options.database ?? (await createTestDatabase());
  // On a slow machine many at once wait for each other longer than requests are patient in production.
  const store = createPostgresStore({ url: database.apiUrl, pool: 6, acquireTimeoutMs: 60_000 });
  const listener = createListener({ url: database.apiUrl });
  const notifier = createPostgresNotifier(listener);
  const hub = await createEventHub(notifier);
  const draining = new AbortController();
  const lines: LogLine[] = [];
  const root = makeTempDir('stager-api');
  const minute = 10_000;
  let written = '';
  const logger = createLogger('api', 'debug', {
    write(line) {
      written += line;
    },
  });
  const write = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
    logger[level](fields, message);
  };
  const personalTokens = createPersonalTokens({ store, now: Date.now, ttlMs: 100 });
  // The methods that the HTTP layer calls; a logger has many more.
  const log = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  } as never;
  const admin = createPostgresAdminStore({ url: database.adminUrl, pool: 2 });
  let handle: ReturnType<Koa['callback']> = async () => undefined;
  const server = createApiServer({
    handle: (req, res) => handle(req, res),
    log,
    hstsSeconds: 0,
    corsOrigins: [],
    draining: draining.signal,
    ...options.server,
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const callers = createCallerResolver({ store, now: quickTime, openSignup: options.openSignup ?? false });
  const verifyToken = async (token: string): Promise<VerifiedToken> => {
    if (options.verifyToken) return options.verifyToken(token);
    const known = options.who(token);
    if (!known) throw new TokenRejected('The token is not valid here.');
    const credential = { kind: 'login', id: 'cli' } as const;
    return { ...known, scopes: [...options.scopes], credential, accountId: null };
  };
  const pages = makePages(options.pages ?? {}, url, { store, callers, verifyToken });
  const app = createApp({
    store,
    admin,
    objects: createDiskObjects({
      root,
      publicUrl: 'http://127.0.0.1:1',
      secrets: ['test-secret-0123456789'],
    }),
    clock: systemClock,
    limiter:
      options.limiter ?? createMemoryLimiter({ read: minute, write: minute, stream: minute, public: minute }),
    log,
    hub,
    callers,
    verifyToken,
    pages,
    personalTokens,
    payments: options.payments ?? null,
    verifyWebhook: options.verifyWebhook ?? null,
    memory: createMemory(64 * 1024 * 1024),
    examine: async (...facts) => examine(...facts),
    kickRelay: () => undefined,
    draining: draining.signal,
    settings: {
      issuer: 'https://issuer.example/',
      audience: 'https://api.example',
      cliClientId: 'cli',
      uploads: { maxBytes: 1e7, maxPixels: 1e8 },
      plans: plansWith(),
      bodyLimit: 100_000,
      bodyMs: 30_000,
      trustedProxies: 0,
      streams: {
        pingMs: 15_000,
        accessCheckMs: 3_000,
        drainMs: 10_000,
        perAccount: 1_000,
        ...options.streams,
      },
      ...options.settings,
      adapters: { objects: 'disk', doorbell: 'postgres', limiter: 'local' },
      checkResponses: true,
    },
  });
  handle = app.callback();
  return {
    url,
    pages,
    database,
    store,
    hub,
    log: lines,
    server,
    drain: () => draining.abort(),
    notify: (accountId) => notifier.notify([accountId]),
    async close() {
      draining.abort();
      const closed = new Promise((done) => server.close(done));
      server.closeAllConnections();
      await closed;
      await hub.close();
      await personalTokens.idle();
      await notifier.close();
      await listener.close();
      await Promise.all([store.close(), admin.close()]);
      if (!options.database) await database.drop();
      const found = findSecrets([{ name: 'the log of the API', text: written }], []);
      if (found.length > 0) throw new Error(`secrets in a log:\n${found.join('\n')}`);
    },
  };
}
