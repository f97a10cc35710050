import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi } from '../../../tests/support/api.ts';
import { addSubscription, aOutput, makeAccount, makeAdmin } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { type Customer, makeCustomer, SMALL_PLANS } from '../../../tests/support/ledgerWorld.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { firstIdSince } from '../core/ids.ts';
import { createPostgresJobStore } from '../infra/postgres/index.ts';
import type { JobStore } from '../ports/index.ts';

const FAILURE = { code: 'worker_lost', message: 'x', hint: null, retryable: true };

let api: TestApi;
let jobs: JobStore;
let op: Client;

beforeAll(async () => {
  api = await startTestApi({
    settings: { plans: SMALL_PLANS },
    who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
    scopes: ALL_SCOPES,
  });
  jobs = createPostgresJobStore({ url: api.database.workerUrl, pool: 2 });
  await makeAccount(api.store, 'auth0|op');
  await makeAdmin(api.database, 'auth0|op');
  op = createClient(api.url, 'op');
});
afterAll(async () => {
  await jobs.close();
  await api.close();
});

/** Claims all there is; what is of this customer ends as wished. */
async function work(customer: Customer, end: 'complete' | 'fail' | 'hold'): Promise<void> {
  for (const job of await jobs.claim(100, 60_000)) {
    if (job.accountId !== customer.owner) await jobs.release(job);
    else if (end === 'complete') await jobs.complete(job, [aOutput()]);
    else if (end === 'fail') await jobs.fail(job, FAILURE, null);
  }
}

async function units({ owner }: Customer): Promise<unknown> {
  const { body } = await op.get(`/v1/admin/accounts/${owner}/usage`);
  return body.units;
}

async function jobOf({ owner }: Customer, at = 0) {
  return (await op.get(`/v1/admin/jobs?account=${owner}`)).body.items[at];
}

async function eventsOf(customer: Customer): Promise<string[]> {
  const { read } = api.store.account(customer.owner);
  const events = await read.events.read(customer.owner, {}, 0, 1_000, 100);
  // As the contract has them.
  return events.map(({ data }) => (data as { type: string }).type);
}

async function actsOn(customer: Customer) {
  const { body } = await op.get(`/v1/admin/audit?account=${customer.owner}&principal=auth0%7Cop`);
  return body.items.map(({ action, objectId, role }: Record<string, unknown>) => ({
    action,
    objectId,
    role,
  }));
}

describe('figures', () => {
  test('of the installation: states, waiting, failures, bytes, cents', async () => {
    const before = (await op.get('/v1/admin/stats')).body;
    const customer = await makeCustomer(api.store, 'dev');
    await addSubscription(api.database, customer.owner, { plan: 'pro' });
    await addSubscription(api.database, customer.owner, { plan: 'business', status: 'trialing' });
    await addSubscription(api.database, customer.owner, { plan: 'business', status: 'canceled' });
    await customer.make(3);
    await work(customer, 'complete');
    await customer.make(1);
    await work(customer, 'fail');
    await customer.make(2);
    const after = (await op.get('/v1/admin/stats')).body;
    expect(after.skipped).toEqual([]);
    expect(after.accounts.total).toBe(before.accounts.total + 1);
    expect(after.images).toEqual({
      ...before.images,
      ready: before.images.ready + 3,
      error: before.images.error + 1,
      queued: before.images.queued + 2,
    });
    expect(after.queue.oldestDueSeconds).toBeGreaterThanOrEqual(0);
    expect(after.queue.oldestDueSeconds).toBeLessThan(60);
    expect(after.failures).toMatchObject({
      done: before.failures.done + 3,
      dead: before.failures.dead + 1,
      rate: (before.failures.dead + 1) / (before.failures.done + before.failures.dead + 4),
    });
    expect(after.storage.outputs).toEqual({
      objects: before.storage.outputs.objects + 3,
      bytes: before.storage.outputs.bytes + 3 * aOutput().size,
    });
    expect(after.spend).toMatchObject({
      subscriptions: before.spend.subscriptions + 1,
      monthlyCents: before.spend.monthlyCents + 2_900,
    });
    expect(await units(customer)).toBe(5);
    const usage = (await op.get(`/v1/admin/accounts/${customer.owner}/usage`)).body;
    expect(usage).toMatchObject({
      plan: 'business',
      images: { ready: 3, error: 1, queued: 2, processing: 0, canceled: 0 },
      storage: { outputs: { objects: 3 }, originals: { objects: 1 } },
    });
  });

  test('agree to the cent and the second with what was laid down by hand, and leave out what is older or not due', async () => {
    const before = (await op.get('/v1/admin/stats')).body;
    const customer = await makeCustomer(api.store, 'dev');
    const suspended = await makeAccount(api.store);
    await op.post(`/v1/admin/accounts/${suspended}/suspend`, { reason: 'unpaid' });
    const { periodStart, periodEnd } = await addSubscription(api.database, customer.owner, { plan: 'pro' });
    await customer.make(3);
    const old = firstIdSince('job', new Date(Date.now() - 25 * 3_600_000));
    const superuser = new pg.Client(api.database.superuserUrl);
    await superuser.connect();
    await superuser.query(
      `INSERT INTO usage_periods (account_id, period_start, period_end, units, overage) VALUES ($1, $2, $3, 275, 175)
           ON CONFLICT (account_id, period_start) DO UPDATE SET units = 275, overage = 175`,
      [customer.owner, periodStart, periodEnd],
    );
    const [oldest, later] = (await op.get(`/v1/admin/jobs?account=${customer.owner}`)).body.items;
    const runAt = `UPDATE jobs SET run_at = now() + $2 * interval '1 s' WHERE id = $1`;
    await superuser.query(runAt, [oldest.id, -5_400]);
    await superuser.query(runAt, [later.id, 86_400]);
    await superuser.query(
      `INSERT INTO jobs (id, account_id, image_id, priority, state, max_attempts)
       SELECT $1, account_id, image_id, 1, 'dead', 3 FROM jobs WHERE id = $2`,
      [old, oldest.id],
    );
    await superuser.query(`UPDATE originals SET size = 12345 WHERE account_id = $1`, [customer.owner]);
    await superuser.end();

    const after = (await op.get('/v1/admin/stats')).body;
    expect(after.accounts).toEqual({
      total: before.accounts.total + 2,
      suspended: before.accounts.suspended + 1,
    });
    expect(after.queue.oldestDueSeconds).toBeGreaterThanOrEqual(5_400);
    expect(after.queue.oldestDueSeconds).toBeLessThan(6_000);
    expect(after.failures).toMatchObject({ done: before.failures.done, dead: before.failures.dead });
    expect(after.storage.originals).toEqual({
      objects: before.storage.originals.objects + 1,
      bytes: before.storage.originals.bytes + 12_345,
    });
    expect(after.spend).toEqual({
      currency: 'usd',
      subscriptions: before.spend.subscriptions + 1,
      monthlyCents: before.spend.monthlyCents + 2_900,
      overageUnits: before.spend.overageUnits + 175,
      overageCents: before.spend.overageCents + 6_125,
    });
  });

  test('work of a suspended account does not wait, it rests', async () => {
    const customer = await makeCustomer(api.store, 'dev');
    const stop = async () => {
      for (const { id, state } of (await op.get(`/v1/admin/jobs?state=queued`)).body.items) {
        if (state === 'queued') await op.post(`/v1/admin/jobs/${id}/cancel`);
      }
    };
    await stop();
    await customer.make(1);
    expect((await op.get('/v1/admin/stats')).body.queue.oldestDueSeconds).not.toBeNull();
    await op.post(`/v1/admin/accounts/${customer.owner}/suspend`, { reason: 'unpaid' });
    expect((await op.get('/v1/admin/stats')).body.queue.oldestDueSeconds).toBeNull();
    await op.post(`/v1/admin/accounts/${customer.owner}/resume`);
    await stop();
  });

  test('that cannot be counted in time are left out, and named', async () => {
    const busy = new pg.Client(api.database.superuserUrl);
    await busy.connect();
    await busy.query('BEGIN; LOCK TABLE image_outputs');
    const { status, body } = await op.get('/v1/admin/stats');
    await busy.end();
    expect([status, body.skipped, body.storage]).toEqual([200, ['storage'], null]);
    expect(body.spend).not.toBeNull();
  });

  test('of an account that is not there: 404', async () => {
    expect((await op.get(`/v1/admin/accounts/acc_${'0'.repeat(26)}/usage`)).status).toBe(404);
  });
});

describe('jobs', () => {
  test('are listed by state and account, page by page, without what the photo is', async () => {
    const customer = await makeCustomer(api.store, 'dev');
    const imageIds = await customer.make(3);
    const all = await op.get(`/v1/admin/jobs?account=${customer.owner}`);
    expect(all.body.items.map(({ imageId }: { imageId: string }) => imageId)).toEqual(imageIds.toReversed());
    const first = await op.get(`/v1/admin/jobs?account=${customer.owner}&limit=2`);
    const rest = await op.get(
      `/v1/admin/jobs?account=${customer.owner}&limit=2&cursor=${first.body.nextCursor}`,
    );
    expect([...first.body.items, ...rest.body.items]).toEqual(all.body.items);
    expect(rest.body.nextCursor).toBeNull();
    await work(customer, 'hold');
    const running = await op.get('/v1/admin/jobs?state=running&limit=100');
    const mine = running.body.items.filter((job: { accountId: string }) => job.accountId === customer.owner);
    expect(mine).toHaveLength(3);
    expect(mine[0]).toMatchObject({ state: 'running', attempt: 1, imageState: 'processing' });
    expect(mine[0]).not.toHaveProperty('name');
    expect((await op.get(`/v1/admin/jobs/${mine[0].id}`)).body).toEqual(mine[0]);
    await Promise.all(imageIds.map((id) => customer.cancel(id)));
  });

  test('a cancelled one gives its unit back, its worker writes nothing more, and the owner is told', async () => {
    const customer = await makeCustomer(api.store);
    await customer.make(1);
    const [held] = (await jobs.claim(100, 60_000)).filter(({ accountId }) => accountId === customer.owner);
    if (!held) throw new Error('nothing was claimed');
    expect(await units(customer)).toBe(1);
    const canceled = await op.post(`/v1/admin/jobs/${held.id}/cancel`);
    expect([canceled.status, canceled.body]).toEqual([
      200,
      { jobId: held.id, accountId: customer.owner, imageId: held.imageId, imageState: 'canceled' },
    ]);
    expect(await jobs.complete(held, [aOutput()])).toBe(false);
    expect(await units(customer)).toBe(0);
    expect(await eventsOf(customer)).toContain('image.canceled');
    expect(await actsOn(customer)).toEqual([
      { action: 'image.cancel', objectId: held.imageId, role: 'admin' },
    ]);
    const again = await op.post(`/v1/admin/jobs/${held.id}/cancel`);
    expect([again.status, again.body.code]).toEqual([409, 'invalid_state']);
  });

  test('a retried one takes a unit of the plan, and is refused where none is left', async () => {
    const customer = await makeCustomer(api.store);
    await customer.make(1);
    await work(customer, 'fail');
    const dead = await jobOf(customer);
    expect([dead.state, dead.error.code, await units(customer)]).toEqual(['dead', 'worker_lost', 0]);
    const retried = await op.post(`/v1/admin/jobs/${dead.id}/retry`, undefined, { 'idempotency-key': 'r' });
    expect(retried.body).toMatchObject({ jobId: dead.id, imageState: 'queued' });
    expect(await units(customer)).toBe(1);
    const repeated = await op.post(`/v1/admin/jobs/${dead.id}/retry`, undefined, { 'idempotency-key': 'r' });
    expect(repeated.body).toEqual(retried.body);
    expect(await jobOf(customer)).toMatchObject({ state: 'queued', imageId: dead.imageId });
    expect(await jobOf(customer, 1)).toEqual({ ...dead, imageState: 'queued' });
    expect(await actsOn(customer)).toEqual([
      { action: 'image.retry', objectId: dead.imageId, role: 'admin' },
    ]);

    await work(customer, 'fail');
    await customer.make(3);
    const refused = await op.post(`/v1/admin/jobs/${(await jobOf(customer, 3)).id}/retry`);
    expect([refused.status, refused.body.code]).toEqual([402, 'quota_exceeded']);
  });

  test('are left alone by who is no operator any more, also in the seconds before everybody knows', async () => {
    const customer = await makeCustomer(api.store, 'dev');
    await customer.make(1);
    const { id } = await jobOf(customer);
    const theirs = await makeAccount(api.store, 'auth0|former');
    const former = createClient(api.url, 'former');
    const me = await api.store.read.members.getByPrincipal(theirs, 'auth0|former');
    // Often enough that the role is remembered in some of them.
    for (let n = 0; n < 10; n++) {
      await makeAdmin(api.database, 'auth0|former');
      await expect.poll(async () => (await former.get('/v1/admin/jobs')).status).toBe(200);
      await api.store.read.members.setRole(theirs, me?.id ?? '', 'owner');
      expect((await former.post(`/v1/admin/jobs/${id}/cancel`)).body.code).toBe('role_required');
    }
    expect(await jobOf(customer)).toMatchObject({ state: 'queued' });
  });

  test('one that nobody has: 404', async () => {
    const path = `/v1/admin/jobs/job_${'0'.repeat(26)}`;
    expect((await op.get(path)).status).toBe(404);
    expect((await op.post(`${path}/retry`)).status).toBe(404);
    expect((await op.post(`${path}/cancel`)).status).toBe(404);
  });
});

describe('dead letters', () => {
  test('are listed by cause and replayed with all their attempts, at no cost, told and recorded', async () => {
    const customer = await makeCustomer(api.store);
    await customer.make(3);
    await work(customer, 'fail');
    const path = `/v1/admin/dead-letters?code=worker_lost&account=${customer.owner}`;
    const { items } = (await op.get(path)).body;
    expect(items).toHaveLength(3);
    expect(items[0]).toMatchObject({ accountId: customer.owner, attempts: 1, error: FAILURE });
    const first = (await op.get(`${path}&limit=2`)).body;
    const rest = (await op.get(`${path}&limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items]).toEqual(items);
    expect((await op.get(`/v1/admin/dead-letters?code=other&account=${customer.owner}`)).body.items).toEqual(
      [],
    );

    const [one, two] = items;
    const unknown = `job_${'0'.repeat(26)}`;
    const jobIds = [one.jobId, unknown, two.jobId];
    const answer = await op.post('/v1/admin/dead-letters/replay', { jobIds });
    expect(answer.body.results).toMatchObject([
      { status: 'queued', jobId: one.jobId, imageId: one.imageId },
      { status: 'error', jobId: unknown, error: { code: 'not_found' } },
      { status: 'queued', jobId: two.jobId },
    ]);
    expect((await op.get(path)).body.items).toEqual([items[2]]);
    const again = await op.post('/v1/admin/dead-letters/replay', { jobIds: [one.jobId] });
    expect(again.body.results).toMatchObject([{ status: 'error', error: { code: 'invalid_state' } }]);
    expect(await units(customer)).toBe(0);
    expect((await op.get(`/v1/admin/jobs/${one.jobId}`)).body).toMatchObject({ state: 'queued', attempt: 0 });
    expect((await eventsOf(customer)).slice(-2)).toEqual(['image.queued', 'image.queued']);
    expect((await actsOn(customer)).map(({ action }: { action: string }) => action)).toEqual([
      'image.replay',
      'image.replay',
    ]);
    await work(customer, 'complete');
    expect(await units(customer)).toBe(0);
    expect((await op.get(`/v1/admin/jobs/${two.jobId}`)).body.imageState).toBe('ready');
  });
});
