import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import jwt from 'jsonwebtoken';
import { createPersonalTokens } from '../../server/src/core/accounts/personalTokens.ts';
import { createCallerResolver } from '../../server/src/core/accounts/resolveCaller.ts';
import { plansWith } from '../../server/src/core/billing/plans.ts';
import { createEventHub } from '../../server/src/core/events/hub.ts';
import { examine } from '../../server/src/core/uploads/examine.ts';
import { createMemory } from '../../server/src/core/uploads/memory.ts';
import { createApp } from '../../server/src/http/app.ts';
import type { Deps } from '../../server/src/http/deps.ts';
import { createTokenVerifier } from '../../server/src/http/middleware/authenticate.ts';
import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { createLogger } from '../../server/src/infra/log.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import { createListener } from '../../server/src/infra/postgres/index.ts';
import { type Store, systemClock } from '../../server/src/ports/index.ts';

const ISSUER = 'https://issuer.example/';
const AUDIENCE = 'https://api.example';

/** Tokens as the issuer makes them, and who verifies them. */
export function createBenchIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return {
    sign: (subject: string, scope: string): string =>
      jwt.sign({ scope, azp: 'cli' }, privateKey, {
        algorithm: 'RS256',
        issuer: ISSUER,
        audience: AUDIENCE,
        subject,
        expiresIn: 3600,
        keyid: 'k',
      }),
    verify: createTokenVerifier({
      keys: { publicKey: async () => publicKey, generation: 1 },
      issuer: ISSUER,
      audience: AUDIENCE,
    }),
  };
}

export interface BenchApi {
  readonly url: string;
  readonly objectsRoot: string;
  readonly store: Store;
  readonly verifyToken: Deps['verifyToken'];
  /** What is measured in the place of what the API has. */
  readonly parts?: Partial<Pick<Deps, 'store' | 'limiter' | 'log' | 'callers' | 'verifyToken'>>;
  readonly settings?: Partial<Pick<Deps['settings'], 'plans' | 'checkResponses'>>;
}

/** Our API, with limits that nobody reaches. */
export async function createBenchApi({ url, objectsRoot, store, verifyToken, ...wish }: BenchApi) {
  const listener = createListener({ url });
  const notifier = createPostgresNotifier(listener);
  const hub = await createEventHub(notifier);
  const most = 1e9;
  const app = createApp({
    store,
    admin: null,
    objects: createDiskObjects({
      root: objectsRoot,
      publicUrl: 'http://127.0.0.1:1',
      secrets: ['bench-secret-0123456789'],
    }),
    clock: systemClock,
    limiter: createMemoryLimiter({ read: most, write: most, stream: most, public: most }),
    log: createLogger('api', 'info'),
    hub,
    callers: createCallerResolver({ store, now: Date.now, openSignup: false }),
    verifyToken,
    personalTokens: createPersonalTokens({ store, now: Date.now }),
    pages: null,
    payments: null,
    verifyWebhook: null,
    memory: createMemory(1e6),
    examine: async (...facts) => examine(...facts),
    kickRelay: () => undefined,
    draining: new AbortController().signal,
    ...wish.parts,
    settings: {
      issuer: ISSUER,
      audience: AUDIENCE,
      cliClientId: 'cli',
      uploads: { maxBytes: 1e7, maxPixels: 1e8 },
      plans: plansWith(),
      bodyLimit: 100_000,
      bodyMs: 30_000,
      trustedProxies: 0,
      streams: { pingMs: 15_000, accessCheckMs: 3_000, drainMs: 10_000, perAccount: 100 },
      adapters: { objects: 'disk', doorbell: 'postgres', limiter: 'local' },
      // On as outside production, so that all there is is measured.
      checkResponses: true,
      ...wish.settings,
    },
  });
  return {
    handle: app.callback(),
    async close() {
      await hub.close();
      await notifier.close();
      await listener.close();
    },
  };
}

/** Serves until the benchmark that started this process has had enough; tells the time of its processor when asked. */
export async function serve(
  handle: RequestListener,
  ready: object,
  closing: readonly (() => Promise<unknown>)[],
): Promise<void> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = server.address() as AddressInfo;
  process.on('message', async (message) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage();
      process.send?.({ type: 'cpu', ms: (user + system) / 1000 });
      return;
    }
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    for (const close of closing) await close();
    process.disconnect();
  });
  process.send?.({ type: 'ready', port, ...ready });
  // Nothing is left of it when the benchmark has failed.
  process.once('disconnect', () => process.exit());
}
