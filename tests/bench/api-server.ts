// `GET /v1/images/:id`: our API with one of its layers taken out, or Koa and pg alone with the same select.
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import Router from '@koa/router';
import jwt from 'jsonwebtoken';
import Koa from 'koa';
import pg from 'pg';
import { routes } from '../../server/src/contract/index.ts';
import { createPersonalTokens } from '../../server/src/core/accounts/personalTokens.ts';
import { createCallerResolver } from '../../server/src/core/accounts/resolveCaller.ts';
import { plansWith } from '../../server/src/core/billing/plans.ts';
import { createEventHub } from '../../server/src/core/events/hub.ts';
import { examine } from '../../server/src/core/uploads/examine.ts';
import { createMemory } from '../../server/src/core/uploads/memory.ts';
import { createApp } from '../../server/src/http/app.ts';
import { createTokenVerifier } from '../../server/src/http/middleware/authenticate.ts';
import { createMemoryLimiter } from '../../server/src/infra/limiter/memory.ts';
import { createLogger } from '../../server/src/infra/log.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import { type StoredImage, toImage } from '../../server/src/infra/postgres/imageRow.ts';
import { createListener, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { type Store, systemClock } from '../../server/src/ports/index.ts';

export type Layer = 'auth' | 'isolation' | 'limits' | 'validation' | 'logging';

export interface ApiSettings {
  readonly databaseUrl: string;
  /** As a role that sees every account, for what knows of no isolation. */
  readonly openUrl: string;
  readonly accountId: string;
  readonly principal: string;
  readonly objectsRoot: string;
  /** Koa and pg alone. */
  readonly bare: boolean;
  readonly without: Layer | null;
}

const POOL = 10;
const ISSUER = 'https://issuer.example/';
const AUDIENCE = 'https://api.example';

// Written by the benchmark that started this.
const settings = JSON.parse(process.argv[2] ?? '') as ApiSettings;
const { databaseUrl: url, accountId, principal, without } = settings;
const closing: (() => Promise<unknown>)[] = [];

/** The statement of the store, by pg itself. */
const SELECT = `
  SELECT i.id, i.project_id AS "projectId", i.original_id AS "originalId", i.name, i.engine,
         i.room_type AS "roomType", i.style, i.seed, i.variation, i.params, i.state, i.attempts, i.error,
         i.created_at AS "createdAt", i.updated_at AS "updatedAt", (
           SELECT json_agg(json_build_object(
                    'name', o.name, 'position', o.position, 'objectKey', o.object_key,
                    'contentType', o.content_type, 'size', o.size, 'sha256', o.sha256, 'width', o.width,
                    'height', o.height))
             FROM image_outputs o WHERE o.account_id = i.account_id AND o.image_id = i.id) AS outputs
    FROM images i WHERE i.account_id = $1 AND i.id = $2 AND i.deleted_at IS NULL`;

function openPool(): pg.Pool {
  const pool = new pg.Pool({ connectionString: settings.openUrl, max: POOL });
  closing.push(() => pool.end());
  return pool;
}

function bareApp(): RequestListener {
  const pool = openPool();
  const app = new Koa();
  const router = new Router();
  router.get('/v1/images/:imageId', async (ctx) => {
    const { rows } = await pool.query(SELECT, [accountId, ctx.params['imageId']]);
    ctx.status = rows.length === 0 ? 404 : 200;
    ctx.body = rows[0];
  });
  app.use(router.routes());
  return app.callback();
}

async function ourApp(): Promise<{ handle: RequestListener; token: string }> {
  const store = createPostgresStore({ url, pool: POOL });
  const listener = createListener({ url });
  const notifier = createPostgresNotifier(listener);
  const hub = await createEventHub(notifier);
  closing.push(
    () => hub.close(),
    () => notifier.close(),
    () => listener.close(),
    () => store.close(),
  );
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const token = jwt.sign({ scope: 'images:read', azp: 'cli' }, privateKey, {
    algorithm: 'RS256',
    issuer: ISSUER,
    audience: AUDIENCE,
    subject: principal,
    expiresIn: 3600,
    keyid: 'k',
  });
  const verify = createTokenVerifier({
    keys: { publicKey: async () => publicKey, generation: 1 },
    issuer: ISSUER,
    audience: AUDIENCE,
  });
  const known = createCallerResolver({ store, now: Date.now, openSignup: false });
  const [verified, caller] = [await verify(token), await known.resolve(principal, { signUp: false })];
  const pool = openPool();
  const plain = async (owner: string, id: string) => {
    const { rows } = await pool.query<StoredImage>(SELECT, [owner, id]);
    return rows[0] && toImage(rows[0]);
  };
  const unscoped: Store['account'] = (account) => {
    const { read, transaction } = store.account(account);
    return { transaction, read: { ...read, images: { ...read.images, get: plain } } };
  };
  const most = 1e9;
  const off = { allowed: true, limit: most, remaining: most, resetSeconds: 60 };
  // What is left of a request's validation is to see that it has no query and no header twice.
  if (without === 'validation') {
    Object.assign(routes.getImage.params, { safeParse: (data: unknown) => ({ success: true, data }) });
  }
  const app = createApp({
    store: without === 'isolation' ? { ...store, account: unscoped } : store,
    admin: null,
    pages: null,
    objects: createDiskObjects({
      root: settings.objectsRoot,
      publicUrl: 'http://127.0.0.1:1',
      secrets: ['bench-secret-0123456789'],
    }),
    clock: systemClock,
    limiter:
      without === 'limits'
        ? { take: async () => off }
        : createMemoryLimiter({ read: most, write: most, stream: most, public: most }),
    log: createLogger('api', without === 'logging' ? 'silent' : 'info'),
    hub,
    callers: without === 'auth' ? { ...known, resolve: async () => caller } : known,
    verifyToken: without === 'auth' ? async () => verified : verify,
    personalTokens: createPersonalTokens({ store, now: Date.now }),
    payments: null,
    verifyWebhook: null,
    memory: createMemory(1e6),
    examine: async (...facts) => examine(...facts),
    kickRelay: () => undefined,
    draining: new AbortController().signal,
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
      checkResponses: without !== 'validation',
    },
  });
  return { handle: app.callback(), token };
}

const { handle, token } = settings.bare ? { handle: bareApp(), token: '' } : await ourApp();
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
process.send?.({ type: 'ready', port, token });
// Nothing is left of it when the benchmark has failed.
process.once('disconnect', () => process.exit());
