import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { addMember } from '../../../tests/security/world.ts';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { addOriginal, addSubscription, makeAccount } from '../../../tests/support/fixtures.ts';
import { type Client, createClient } from '../../../tests/support/http.ts';
import { createStripeSim } from '../../../tests/support/stripeSim.ts';
import { ALL_SCOPES } from '../contract/index.ts';
import { plansWith } from '../core/billing/plans.ts';

const LIMIT = 5;
const BUSINESS = 20;
/** An engine that makes variations. */
const LAYOUT = { engine: 'layout', roomType: 'bedroom', style: 'modern' };

let api: TestApi;
let account: string;
let originalId: string;
let round = 0;

const OPTIONS: TestApiOptions = {
  who: (token) => ({ subject: `auth0|${token}`, expiresAt: new Date(Date.now() + 600_000) }),
  scopes: ALL_SCOPES,
  payments: createStripeSim().payments,
  settings: {
    plans: plansWith({ free: { limit: LIMIT }, pro: { limit: 10 }, business: { limit: BUSINESS } }),
  },
};

beforeAll(async () => {
  api = await startTestApi(OPTIONS);
});
beforeEach(async () => {
  round += 1;
  account = await makeAccount(api.store, `auth0|ann-${round}`, 'free');
  originalId = (await addOriginal(api.store.account(account).read, account)).id;
});
afterAll(() => api.close());

const ann = (): Client => createClient(api.url, `ann-${round}`);

interface Item {
  readonly variations?: number;
  readonly seed?: number;
  readonly originalId?: string;
}

function create(items: readonly Item[], more: object = {}, headers?: Record<string, string>) {
  return ann().post(
    '/v1/images',
    { items: items.map((item) => ({ originalId, ...LAYOUT, ...item })), ...more },
    headers,
  );
}

/** Of each item, the number of images, or the code that it was refused with. */
function outcomes({ body }: Awaited<ReturnType<typeof create>>): unknown[] {
  return body.results.map((result: { status: string; images: unknown[]; error: { code: string } }) =>
    result.status === 'ok' ? result.images.length : result.error.code,
  );
}

async function told(): Promise<string[]> {
  const rows = await api.store.account(account).read.events.read(account, {}, 0, 1_000, 1_000);
  return rows.flatMap(({ data }) => (Object(data).type.startsWith('billing.') ? [Object(data)] : []));
}

const remaining = async () => (await ann().get('/v1/billing')).body.remaining;

describe('a batch that the plan has too little room for', () => {
  test('is granted in order; what is over says so', async () => {
    const answer = await create([{}, {}, { variations: 2 }, {}, {}]);
    expect(answer.status).toBe(200);
    expect(outcomes(answer)).toEqual([1, 1, 2, 1, 'quota_exceeded']);
    expect(answer.body.results[4].error).toEqual({
      code: 'quota_exceeded',
      message: expect.stringMatching(
        /^This needs 1 image and 0 can be made: 5 of 5 of the plan Free are used\./,
      ),
      retryable: false,
      link: '/billing',
    });
    expect(await remaining()).toBe(0);
  });

  test('gives an item all of its variations or none, and a later one what is left', async () => {
    expect(outcomes(await create([{ variations: 4 }, { variations: 3 }, {}]))).toEqual([
      4,
      'quota_exceeded',
      1,
    ]);
  });

  test('is refused as a whole when nothing of it is granted, with the way out', async () => {
    await create([{ variations: LIMIT }]);
    const refused = await create([{}, { variations: 2 }]);
    expect([refused.status, refused.body.code, refused.body.link]).toEqual([
      402,
      'quota_exceeded',
      '/billing',
    ]);
    expect(refused.body.detail).toMatch(
      /Choose a larger plan with `stager billing checkout --plan pro`, or wait until \d{4}-\d\d-01 00:00 UTC\.$/,
    );
    const page = await ann().get('/v1/images?limit=100');
    expect(page.body.items).toHaveLength(LIMIT);
  });

  test('keeps what is wrong with single items apart', async () => {
    const unknown = `org_${'0'.repeat(26)}`;
    expect(outcomes(await create([{ originalId: unknown }, {}]))).toEqual(['not_found', 1]);
    expect(await remaining()).toBe(LIMIT - 1);
  });
});

describe('the way out is one that can be gone', () => {
  test('who is no owner is told to ask one', async () => {
    await create([{ variations: LIMIT }]);
    await addMember(api.store, account, `auth0|bob-${round}`);
    const refused = await createClient(api.url, `bob-${round}`).post('/v1/images', {
      items: [{ originalId, ...LAYOUT }],
    });
    expect([refused.status, refused.body.link]).toEqual([402, undefined]);
    expect(refused.body.detail).toMatch(/Ask an owner of the account to choose a larger plan, or wait until/);
  });

  test('where nothing is sold, there is no page to buy at', async () => {
    const own = await startTestApi({
      who: () => ({ subject: 'auth0|cy', expiresAt: new Date(Date.now() + 600_000) }),
      scopes: ALL_SCOPES,
      settings: { plans: plansWith({ free: { limit: 1 } }) },
    });
    const cys = await makeAccount(own.store, 'auth0|cy', 'free');
    const { id } = await addOriginal(own.store.account(cys).read, cys);
    const items = [{ originalId: id, ...LAYOUT, variations: 2 }];
    const refused = await createClient(own.url, 'cy').post('/v1/images', { items });
    expect([refused.status, refused.body.link]).toEqual([402, undefined]);
    expect(refused.body.detail).toMatch(/are used\. Wait until/);
    await own.close();
  });

  test('a plan that nobody pays for has no pay-as-you-go: there is no bill to put it on', async () => {
    const given = await makeAccount(api.store, `auth0|dot-${round}`, 'pro');
    const dot = createClient(api.url, `dot-${round}`);
    const refused = await dot.patch('/v1/billing', { payAsYouGo: { enabled: true } });
    expect([refused.status, refused.body.code]).toEqual([409, 'invalid_state']);
    // Also when it was switched on while there was a subscription.
    await api.store.account(given).read.billing.setPayAsYouGo(given, { enabled: true, cap: null });
    expect((await dot.get('/v1/billing')).body).toMatchObject({
      payAsYouGo: { offered: false },
      remaining: 10,
    });
  });
});

test('who has no larger plan is offered pay-as-you-go', async () => {
  await addSubscription(api.database, account, { plan: 'business' });
  await create(Array.from({ length: BUSINESS / 5 }, () => ({ variations: 5 })));
  const refused = await create([{}]);
  expect([refused.status, refused.body.link]).toEqual([402, undefined]);
  expect(refused.body.detail).toMatch(/Switch pay-as-you-go on, or wait until/);
  await ann().patch('/v1/billing', { payAsYouGo: { enabled: true, cap: 1 } });
  expect(outcomes(await create([{}, {}]))).toEqual([1, 'quota_exceeded']);
  expect((await ann().get('/v1/billing')).body).toMatchObject({
    reserved: BUSINESS + 1,
    used: 0,
    overage: 1,
    remaining: 0,
  });
});

test('two hundred requests at once, to two APIs, are granted the ten images that are left, and no more', async () => {
  await addSubscription(api.database, account);
  const other = await startTestApi({ ...OPTIONS, database: api.database });
  try {
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, n) =>
        createClient(n % 2 === 0 ? api.url : other.url, `ann-${round}`).post('/v1/images', {
          items: [{ originalId, ...LAYOUT, seed: n }],
        }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200, 402]));
    expect(statuses.filter((status) => status === 200)).toHaveLength(10);
  } finally {
    await other.close();
  }
  expect((await ann().get('/v1/images?limit=100')).body.items).toHaveLength(10);
  expect((await ann().get('/v1/billing')).body).toMatchObject({ reserved: 10, remaining: 0 });
});

describe('costs nothing', () => {
  test('an image that is there already, also within one request', async () => {
    expect(outcomes(await create([{ seed: 1 }, { seed: 1 }], { reuse: true }))).toEqual([1, 1]);
    expect(await remaining()).toBe(LIMIT - 1);
    await create([{ variations: LIMIT - 1, seed: 2 }]);
    const again = await create([{ seed: 1 }, { seed: 3 }], { reuse: true });
    expect(outcomes(again)).toEqual([1, 'quota_exceeded']);
    expect(again.body.results[0].reused).toHaveLength(1);
  });

  test('a repeat of a request with its key', async () => {
    const key = { 'idempotency-key': 'once' };
    const first = await create([{}], {}, key);
    expect((await create([{}], {}, key)).body).toEqual(first.body);
    expect(await remaining()).toBe(LIMIT - 1);
  });

  test('a twin of an item that was refused is refused as well, and finds nothing', async () => {
    await create([{ variations: LIMIT - 1 }]);
    const twins = [{ seed: 9, variations: 2 }, { seed: 9 }, { seed: 9 }];
    expect(outcomes(await create(twins, { reuse: true }))).toEqual(['quota_exceeded', 1, 1]);
  });
});

test('a key whose request was refused for lack of room can be used when there is room', async () => {
  const key = { 'idempotency-key': 'later' };
  await create([{ variations: LIMIT }]);
  expect((await create([{}], {}, key)).status).toBe(402);
  await addSubscription(api.database, account);
  expect((await create([{}], {}, key)).status).toBe(200);
});

test('that most, and that all, of the plan is used is told once', async () => {
  await create([{ variations: 3 }]);
  expect(await told()).toEqual([]);
  const [image] = (await create([{}])).body.results[0].images;
  const warning = { type: 'billing.usage_warning', plan: 'free', used: 4, limit: LIMIT };
  expect(await told()).toMatchObject([warning]);
  await ann().post(`/v1/images/${image.id}/cancel`);
  await create([{}]);
  await create([{}]);
  const exhausted = { type: 'billing.usage_exhausted', used: LIMIT, limit: LIMIT };
  expect(await told()).toMatchObject([warning, exhausted]);
  await addSubscription(api.database, account);
  await create([{ variations: 4 }, { variations: 4 }]);
  expect(await told()).toMatchObject([
    warning,
    exhausted,
    { type: 'billing.usage_warning', plan: 'pro', limit: 10 },
  ]);
});

test('usage is by day and project, page by page', async () => {
  const project = (await ann().post('/v1/projects', { name: 'Elm Street' })).body.id;
  const [image] = (await create([{ variations: 2 }], { projectId: project })).body.results[0].images;
  await create([{}]);
  const day = new Date().toISOString().slice(0, 10);
  const first = await ann().get('/v1/billing/usage?limit=1');
  expect(first.body.items).toEqual([{ day, projectId: project, units: 2, overage: 0 }]);
  const second = await ann().get(`/v1/billing/usage?limit=1&cursor=${first.body.nextCursor}`);
  expect(second.body).toMatchObject({
    items: [{ day, projectId: null, units: 1, overage: 0 }],
    nextCursor: null,
  });
  await ann().delete(`/v1/images/${image.id}`);
  const { body } = await ann().get(`/v1/billing/usage?periodStart=${first.body.periodStart}`);
  expect(body.items.map(({ units }: { units: number }) => units)).toEqual([1, 1]);
});

test('usage of a period is found by any moment in it; of two, that which began last', async () => {
  await create([{}]);
  const now = new Date();
  const { periodStart, periodEnd } = await addSubscription(api.database, account, {
    plan: 'pro',
    periodStart: now,
  });
  await create([{}, {}]);
  const usageAt = async (moment: Date) => {
    const { body } = await ann().get(`/v1/billing/usage?periodStart=${moment.toISOString()}`);
    return [
      body.periodStart,
      body.items.reduce((sum: number, { units }: { units: number }) => sum + units, 0),
    ];
  };
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth()));
  const ofPlan = [periodStart.toISOString(), 2];
  expect(await usageAt(now)).toEqual(ofPlan);
  expect(await usageAt(new Date(periodEnd.getTime() - 1))).toEqual(ofPlan);
  expect(await usageAt(month)).toEqual([month.toISOString(), 1]);
  expect(await usageAt(new Date('2020-01-01'))).toEqual(['2020-01-01T00:00:00.000Z', 0]);
});
