// `GET /v1/images/:id`: our API with one of its layers taken out, or Koa and pg alone with the same select.
import type { RequestListener } from 'node:http';
import Router from '@koa/router';
import Koa from 'koa';
import pg from 'pg';
import { routes } from '../../server/src/contract/index.ts';
import { createCallerResolver } from '../../server/src/core/accounts/resolveCaller.ts';
import { createLogger } from '../../server/src/infra/log.ts';
import { type StoredImage, toImage } from '../../server/src/infra/postgres/imageRow.ts';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { createBenchApi, createBenchIssuer, serve } from './apiApp.ts';

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
  const { sign, verify } = createBenchIssuer();
  const token = sign(principal, 'images:read');
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
  const api = await createBenchApi({
    url,
    objectsRoot: settings.objectsRoot,
    store,
    verifyToken: without === 'auth' ? async () => verified : verify,
    parts: {
      callers: without === 'auth' ? { ...known, resolve: async () => caller } : known,
      log: createLogger('api', without === 'logging' ? 'silent' : 'info'),
      ...(without === 'isolation' ? { store: { ...store, account: unscoped } } : {}),
      ...(without === 'limits' ? { limiter: { take: async () => off } } : {}),
    },
    settings: { checkResponses: without !== 'validation' },
  });
  closing.push(api.close, () => store.close());
  return { handle: api.handle, token };
}

const { handle, token } = settings.bare ? { handle: bareApp(), token: '' } : await ourApp();
await serve(handle, { token }, closing);
