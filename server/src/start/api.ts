import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { PING_SECONDS } from '../contract/index.ts';
import { createPersonalTokens } from '../core/accounts/personalTokens.ts';
import { createCallerResolver } from '../core/accounts/resolveCaller.ts';
import { plansWith } from '../core/billing/plans.ts';
import { createEventHub } from '../core/events/hub.ts';
import { createRelay } from '../core/relay/relay.ts';
import { createMemory } from '../core/uploads/memory.ts';
import { createApp } from '../http/app.ts';
import { createTokenVerifier } from '../http/middleware/authenticate.ts';
import { createApiServer } from '../http/server.ts';
import { createKeySet } from '../infra/jwks.ts';
import { createLogger } from '../infra/log.ts';
import { rereadAndTell } from '../infra/reread.ts';
import { systemClock } from '../ports/index.ts';
import { createAdapters } from './adapters.ts';
import { type ApiConfig, apiConfig } from './config.ts';
import { createExaminer } from './examiner/index.ts';
import { createPagesDeps } from './pages.ts';

export interface RunningApi {
  readonly url: string;
  /**
   * Not ready, and its streams end; whoever comes all the same is served until balancers have noticed. Then the listener
   * and idle connections end, then requests under way, then pools. Idempotent.
   */
  stop(): Promise<void>;
  /** Takes over the lists of secrets as they are now. What is not valid is logged, and changes nothing. */
  reread(env: NodeJS.ProcessEnv): void;
}

const ACCESS_CHECK_MS = 3_000;
const STREAM_DRAIN_MS = 10_000;
/** While it drains. */
const IDLE_CHECK_MS = 200;

export async function startApi(config: ApiConfig): Promise<RunningApi> {
  const log = createLogger('api', config.STAGER_LOG_LEVEL);
  const adapters = await createAdapters(config, log);
  const examiner = createExaminer();
  const draining = new AbortController();
  const hub = await createEventHub(adapters.notifier);
  const relay = createRelay({ ...adapters, kinds: ['job', 'events'], log });
  const keys = createKeySet({ issuer: config.STAGER_ISSUER });
  const personalTokens = createPersonalTokens({
    store: adapters.store,
    now: Date.now,
    onTrouble: (err) => log.warn({ err }, 'the last use of a token was not noted'),
  });
  const callers = createCallerResolver({
    store: adapters.store,
    now: Date.now,
    openSignup: config.STAGER_SIGNUP === 'open',
  });
  const verifyToken = createTokenVerifier({
    keys,
    issuer: config.STAGER_ISSUER,
    audience: config.STAGER_AUDIENCE,
  });
  const app = createApp({
    ...adapters,
    clock: systemClock,
    log,
    hub,
    callers,
    verifyToken,
    pages: createPagesDeps(config, { store: adapters.store, callers, verifyToken }),
    personalTokens,
    memory: createMemory(config.STAGER_FINALIZE_MEMORY),
    examine: examiner.examine,
    kickRelay: () => relay.kick(),
    draining: draining.signal,
    settings: {
      issuer: config.STAGER_ISSUER,
      audience: config.STAGER_AUDIENCE,
      cliClientId: config.STAGER_CLI_CLIENT_ID,
      uploads: { maxBytes: config.STAGER_MAX_UPLOAD_BYTES, maxPixels: config.STAGER_MAX_PIXELS },
      plans: plansWith(config.STAGER_PLANS),
      bodyLimit: config.STAGER_BODY_LIMIT,
      bodyMs: config.STAGER_BODY_SECONDS * 1000,
      trustedProxies: config.STAGER_TRUSTED_PROXIES,
      streams: {
        pingMs: PING_SECONDS * 1000,
        accessCheckMs: ACCESS_CHECK_MS,
        drainMs: STREAM_DRAIN_MS,
        perAccount: config.STAGER_STREAMS_PER_ACCOUNT,
      },
      adapters: {
        objects: config.STAGER_OBJECTS,
        doorbell: config.STAGER_DOORBELL,
        limiter: config.STAGER_LIMITER,
      },
      checkResponses: config.STAGER_ENV !== 'production',
    },
  });
  const handle = app.callback();
  const server = createApiServer({
    async handle(req, res) {
      // Its next request finds another process; what is under way when the drain begins, `observe` tells the same.
      if (draining.signal.aborted) res.setHeader('Connection', 'close');
      if (await adapters.serveObjects(req, res)) return;
      await handle(req, res);
    },
    log,
    hstsSeconds: config.STAGER_HSTS_SECONDS,
    corsOrigins: config.STAGER_CORS_ORIGINS ?? [],
    draining: draining.signal,
  });
  await listen(server, config.STAGER_PORT, config.STAGER_HOST);
  relay.start();
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  const url = `http://${config.STAGER_HOST}:${port}`;
  log.info({ port }, 'api listens');

  let stopping: Promise<void> | undefined;
  async function shutDown(): Promise<void> {
    draining.abort();
    await sleep(config.STAGER_DRAIN_NOTICE_SECONDS * 1000);
    const closed = new Promise<void>((done) => server.close(() => done()));
    // What was under way leaves its connection open behind the answer, and nobody has to use or close it.
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_MS);
    const cut = setTimeout(() => server.closeAllConnections(), config.STAGER_DRAIN_SECONDS * 1000);
    await closed;
    clearInterval(idle);
    clearTimeout(cut);
    await examiner.close();
    await relay.stop();
    await hub.close();
    await personalTokens.idle();
    await adapters.close();
    log.info('api stopped');
  }
  return {
    url,
    stop() {
      stopping ??= shutDown();
      return stopping;
    },
    reread: (env) => rereadAndTell(apiConfig, config, env, log),
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
