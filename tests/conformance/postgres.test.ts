import { createPostgresDoorbell } from '../../server/src/infra/doorbell/postgres.ts';
import { createPostgresNotifier } from '../../server/src/infra/notify/postgres.ts';
import {
  createListener,
  createPostgresJobStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import { createTestDatabase } from '../support/database.ts';
import { describeDoorbell } from './doorbell.ts';
import { describeJobStore } from './jobs.ts';
import { describeNotifier } from './notifier.ts';
import { describeStore } from './store.ts';
import { describeImageStore } from './storeImages.ts';

/** Adapters on a database of their own, and what ends all of it, last first. */
function onPostgres() {
  const closing: (() => Promise<void>)[] = [];
  async function database() {
    const made = await createTestDatabase();
    closing.push(made.drop);
    return made;
  }
  return {
    async openStores() {
      const { apiUrl, workerUrl } = await database();
      const store = createPostgresStore({ url: apiUrl, pool: 10 });
      const jobs = createPostgresJobStore({ url: workerUrl, pool: 10 });
      closing.push(store.close, jobs.close);
      return { store, jobs };
    },
    async openListeners() {
      const { apiUrl, workerUrl } = await database();
      const listeners = [createListener({ url: apiUrl }), createListener({ url: workerUrl })] as const;
      closing.push(...listeners.map((listener) => () => listener.close()));
      return listeners;
    },
    async close() {
      for (const end of closing.toReversed()) await end();
    },
  };
}

const forStore = onPostgres();
describeStore('postgres', async () => (await forStore.openStores()).store, forStore.close);

const forImages = onPostgres();
describeImageStore('postgres', async () => (await forImages.openStores()).store, forImages.close);

const forJobs = onPostgres();
describeJobStore('postgres', forJobs.openStores, forJobs.close);

const forBells = onPostgres();
describeDoorbell(
  'postgres',
  async () => {
    const [here, there] = await forBells.openListeners();
    return [createPostgresDoorbell(here), createPostgresDoorbell(there)];
  },
  forBells.close,
);

const forNotifiers = onPostgres();
describeNotifier(
  'postgres',
  async () => {
    const [here, there] = await forNotifiers.openListeners();
    return [createPostgresNotifier(here), createPostgresNotifier(there)];
  },
  forNotifiers.close,
);
