import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createPostgresJobStore, createPostgresStore } from '@stager/server/infra/postgres/index';
import type { JobStore, Store } from '@stager/server/ports';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../tests/support/database.ts';
import { makeAccount, queueImages } from '../../tests/support/fixtures.ts';

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let owner: string;
/** Ids of jobs: two that broke, one whose worker was lost. */
let dead: string[];

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 2 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 2 });
  owner = await makeAccount(store);
  await queueImages(store, owner, 3);
  const claimed = await jobs.claim(3, 60_000);
  for (const [n, job] of claimed.entries()) {
    const code = n === 2 ? 'worker_lost' : 'engine_failed';
    await jobs.fail(job, { code, message: 'It broke.', hint: null, retryable: false }, null);
  }
  dead = claimed.map(({ id }) => id);
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close()]);
  await database.drop();
});

async function command(...args: string[]) {
  const child = spawn(
    process.execPath,
    ['--conditions=stager-dev', fileURLToPath(new URL('./jobs.ts', import.meta.url)), ...args],
    { env: { PATH: process.env['PATH'], STAGER_DATABASE_URL: database.workerUrl } },
  );
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const [code] = await once(child, 'close');
  return { code, stdout, stderr };
}

test('the operator sees what has died and why, and queues it again, by id and by cause', async () => {
  const [first, second, lost] = dead;
  const listed = await command('dead', '--account', owner);
  expect(listed.code).toBe(0);
  expect(listed.stdout.trim().split('\n')).toHaveLength(3);
  expect(listed.stdout).toMatch(
    new RegExp(`${lost}  ${owner}  img_\\w+  1 attempts  \\d+ min ago  worker_lost  It broke`),
  );
  expect(JSON.parse((await command('dead', '--code', 'worker_lost', '--json')).stdout)).toMatchObject([
    { id: lost },
  ]);

  expect(await command('replay', first ?? '')).toMatchObject({ code: 0, stdout: `${first}\n` });
  expect(await command('replay', '--code', 'engine_failed')).toMatchObject({
    code: 0,
    stdout: `${second}\n`,
  });
  const again = await command('replay', first ?? '');
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('Not dead')]);
  expect((await jobs.claim(10, 60_000)).map(({ id }) => id).sort()).toEqual([first, second].sort());

  const client = new pg.Client(database.superuserUrl);
  await client.connect();
  const { rows } = await client.query(
    `SELECT principal, count(*)::int FROM audit WHERE account_id = $1 AND action = 'image.replay' GROUP BY 1`,
    [owner],
  );
  await client.end();
  expect(rows).toEqual([{ principal: expect.stringMatching(/^host:./), count: 2 }]);
});

test.each([
  [['replay'], 'Give ids, or --code'],
  [['replay', 'job_1', '--code', 'x'], 'Give ids, or --code'],
  [['bury'], 'Usage:'],
  [['dead', '--limit', 'many'], 'whole number'],
  [['dead', '--colour'], '--colour'],
])('%j is refused', async (args, why) => {
  const { code, stderr } = await command(...args);
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)]);
});
