import { createPostgresJobStore, createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import { createTestDatabase } from '../support/database.ts';
import { describeJobStore } from './jobs.ts';
import { describeStore } from './store.ts';

type Closing = () => Promise<void>;

/** Stores on a database of their own, and what ends all of it. */
function onPostgres() {
  const closing: Closing[] = [];
  return {
    async open() {
      const database = await createTestDatabase();
      const store = createPostgresStore({ url: database.apiUrl, pool: 10 });
      const jobs = createPostgresJobStore({ url: database.workerUrl, pool: 10 });
      closing.push(store.close, jobs.close, database.drop);
      return { store, jobs };
    },
    async close() {
      for (const end of closing) await end();
    },
  };
}

const forStore = onPostgres();
describeStore('postgres', async () => (await forStore.open()).store, forStore.close);

const forJobs = onPostgres();
describeJobStore('postgres', forJobs.open, forJobs.close);
