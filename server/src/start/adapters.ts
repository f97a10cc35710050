import type { IncomingMessage, ServerResponse } from 'node:http';
import { createPostgresDoorbell } from '../infra/doorbell/postgres.ts';
import type { Logger } from '../infra/log.ts';
import { createPostgresNotifier } from '../infra/notify/postgres.ts';
import { createDiskObjects, createObjectsHandler } from '../infra/objects/disk/index.ts';
import { createListener, createPostgresJobStore, createPostgresStore } from '../infra/postgres/index.ts';
import type { Doorbell, JobStore, Notifier, Objects, Store } from '../ports/index.ts';
import type { ApiConfig } from './config.ts';

export interface ApiAdapters {
  readonly store: Store;
  readonly jobs: JobStore;
  readonly objects: Objects;
  readonly doorbell: Doorbell;
  readonly notifier: Notifier;
  /** Answers requests for objects of the disk store; false leaves the request to the API. */
  readonly serveObjects: (req: IncomingMessage, res: ServerResponse) => Promise<boolean>;
  close(): Promise<void>;
}

/** The relay of this process works alone and does little: it needs a connection, and one in reserve. */
const RELAY_POOL = 2;

/** The adapters that the configuration names, behind their ports. */
export function createAdapters(config: ApiConfig, log: Logger): ApiAdapters {
  const url = config.STAGER_DATABASE_URL;
  const store = createPostgresStore({ url, pool: config.STAGER_DATABASE_POOL });
  const jobs = createPostgresJobStore({ url, pool: RELAY_POOL, applicationName: 'stager-api-relay' });
  const listener = createListener({ url });
  const notifier = createPostgresNotifier(listener);
  const doorbell = createPostgresDoorbell(listener);
  const secrets = config.STAGER_OBJECTS_SECRETS;
  const objects = createDiskObjects({
    root: config.STAGER_OBJECTS_DIR,
    publicUrl: config.STAGER_OBJECTS_PUBLIC_URL,
    secrets,
  });
  return {
    store,
    jobs,
    objects,
    doorbell,
    notifier,
    serveObjects: createObjectsHandler({ objects, secrets, log }),
    async close() {
      await Promise.allSettled([notifier.close(), doorbell.close()]);
      await listener.close();
      await Promise.allSettled([jobs.close(), store.close()]);
    },
  };
}
