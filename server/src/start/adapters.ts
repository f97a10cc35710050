import type { IncomingMessage, ServerResponse } from 'node:http';
import { chosen, openDoorbell, openObjects, openPayments } from '../infra/adapters.ts';
import { createMemoryLimiter } from '../infra/limiter/memory.ts';
import type { Logger } from '../infra/log.ts';
import { createPostgresNotifier } from '../infra/notify/postgres.ts';
import { createObjectsHandler } from '../infra/objects/disk/index.ts';
import {
  createListener,
  createPostgresAdminStore,
  createPostgresJobStore,
  createPostgresStore,
  refuseMightyRoles,
} from '../infra/postgres/index.ts';
import type {
  AdminStore,
  Doorbell,
  JobStore,
  Limiter,
  Notifier,
  Objects,
  Payments,
  Store,
  VerifyWebhook,
} from '../ports/index.ts';
import type { ApiConfig } from './config.ts';

export interface ApiAdapters {
  readonly store: Store;
  readonly admin: AdminStore | null;
  readonly jobs: JobStore;
  readonly objects: Objects;
  readonly doorbell: Doorbell;
  readonly notifier: Notifier;
  readonly limiter: Limiter;
  readonly payments: Payments | null;
  readonly verifyWebhook: VerifyWebhook | null;
  /** Answers requests for objects of the disk store; false leaves the request to the API. */
  readonly serveObjects: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  close(): Promise<void>;
}

/** The relay of this process works alone and does little: it needs a connection, and one in reserve. */
const RELAY_POOL = 2;
/** Admins are few; connections are opened when one comes. */
const ADMIN_POOL = 3;

/** The adapters that the configuration names, behind their ports. */
export async function createAdapters(config: ApiConfig, log: Logger): Promise<ApiAdapters> {
  const url = config.STAGER_DATABASE_URL;
  const store = createPostgresStore({ url, pool: config.STAGER_DATABASE_POOL });
  const jobs = createPostgresJobStore({
    url: config.STAGER_RELAY_DATABASE_URL,
    pool: RELAY_POOL,
    applicationName: 'stager-api-relay',
  });
  const adminUrl = config.STAGER_ADMIN_DATABASE_URL;
  const admin = adminUrl === undefined ? null : createPostgresAdminStore({ url: adminUrl, pool: ADMIN_POOL });
  const listener = createListener({ url });
  const notifier = createPostgresNotifier(listener);
  const [doorbell, { objects, disk, close: closeObjects }, limiter, payments, verifyWebhook] =
    await Promise.all([
      openDoorbell(config, listener),
      openObjects(config),
      openLimiter(config),
      openPayments(config),
      openWebhooks(config),
    ]);
  await refuseMightyRoles([store, jobs, ...(admin ? [admin] : [])]);
  return {
    store,
    admin,
    jobs,
    objects,
    doorbell,
    notifier,
    limiter,
    payments,
    verifyWebhook,
    serveObjects: disk
      ? createObjectsHandler({ objects: disk, secrets: chosen(config.STAGER_OBJECTS_SECRETS), log })
      : async () => false,
    async close() {
      await Promise.allSettled([notifier.close(), doorbell.close(), limiter.close()]);
      await listener.close();
      await Promise.allSettled([jobs.close(), store.close(), admin?.close()]);
      closeObjects();
    },
  };
}

async function openWebhooks(config: ApiConfig): Promise<VerifyWebhook | null> {
  const secrets = config.STAGER_STRIPE_WEBHOOK_SECRETS;
  if (!secrets) return null;
  const { createWebhookVerifier } = await import('../infra/stripe/webhook.ts');
  return createWebhookVerifier(secrets);
}

async function openLimiter(config: ApiConfig): Promise<Limiter & { close(): Promise<void> }> {
  const perMinute = {
    read: config.STAGER_RATE_READ,
    write: config.STAGER_RATE_WRITE,
    stream: config.STAGER_RATE_STREAM,
    public: config.STAGER_RATE_PUBLIC,
  };
  if (config.STAGER_LIMITER === 'local') {
    return { ...createMemoryLimiter(perMinute), close: async () => undefined };
  }
  const { createRedisLimiter } = await import('../infra/limiter/redis.ts');
  return createRedisLimiter(perMinute, {
    url: chosen(config.STAGER_REDIS_URL),
    prefix: config.STAGER_REDIS_PREFIX,
  });
}
