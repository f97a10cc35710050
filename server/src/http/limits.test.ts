import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { createTestDatabase, type TestDatabase } from '../../../tests/support/database.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { createMemoryLimiter } from '../infra/limiter/memory.ts';
import { createPostgresStore } from '../infra/postgres/index.ts';

let database: TestDatabase;
let api: TestApi;
const streams: AbortController[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  const store = createPostgresStore({ url: database.apiUrl, pool: 1 });
  await makeAccount(store, 'member');
  await makeAccount(store, 'other');
  await store.close();
});
afterAll(() => database.drop());
afterEach(async () => {
  for (const stream of streams.splice(0)) stream.abort();
  await api.close();
});

const FEW = { read: 3, write: 3, stream: 3, public: 3 };

/** The token is the name of who sends it; what begins with `bad` is nobody's. */
async function start(options: Partial<TestApiOptions> = {}): Promise<void> {
  api = await startTestApi({
    database,
    who: (token) =>
      token.startsWith('bad') ? undefined : { subject: token, expiresAt: new Date(Date.now() + 3_600_000) },
    scopes: ['account:read', 'images:read'],
    limiter: createMemoryLimiter(FEW),
    ...options,
  });
}

interface Sent {
  readonly path?: string;
  readonly token?: string;
  readonly from?: string;
}

async function send({ path = '/v1/me', token, from }: Sent): Promise<Response> {
  const answer = await fetch(api.url + path, {
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(from === undefined ? {} : { 'x-forwarded-for': from }),
    },
  });
  await answer.arrayBuffer();
  return answer;
}

/** One after the other. */
async function statuses(requests: readonly Sent[]): Promise<number[]> {
  const all: number[] = [];
  for (const request of requests) all.push((await send(request)).status);
  return all;
}

const times = (n: number, make: (n: number) => Sent) => Array.from({ length: n }, (_, i) => make(i));

describe('an account', () => {
  test('has a budget of its own, and is told what is left and when to come back', async () => {
    await start();
    const answers = [];
    for (let n = 0; n < 4; n += 1) answers.push(await send({ token: 'member' }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 429]);
    expect(answers.map(({ headers }) => headers.get('ratelimit')?.split(';t=')[0])).toEqual([
      '"read";r=2',
      '"read";r=1',
      '"read";r=0',
      '"read";r=0',
    ]);
    expect(Number(answers[3]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await send({ token: 'other' })).status).toBe(200);
  });
});

test.each([
  ['lacks the scope', 'member', '/v1/projects', 403],
  ['has no account', 'nobody', '/v1/me', 403],
])(
  'who %s is counted by themselves, and uses up nothing of the account',
  async (_name, token, path, status) => {
    await start();
    const answers = await statuses(times(5, () => ({ path, token })));
    expect(answers).toEqual([status, status, status, 429, 429]);
    expect((await send({ token: 'member' })).status).toBe(200);
  },
);

describe('who has no valid token', () => {
  test.each([
    ['without one', () => ({})],
    ['with another one each time', (n: number) => ({ token: `bad${n}` })],
    ['at addresses that are none', (n: number) => ({ path: `/v1/nothing/${n}` })],
    ['where none is needed', () => ({ path: '/v1/auth/config' })],
  ])('is counted by address: %s', async (_name, make: (n: number) => Sent) => {
    await start();
    const answers = await statuses(times(5, make));
    expect(answers.slice(0, 3)).not.toContain(429);
    expect(answers.slice(3)).toEqual([429, 429]);
  });

  test('keeps nobody out who has one', async () => {
    await start();
    await statuses(times(5, (n) => ({ token: `bad${n}` })));
    expect((await send({ token: 'member' })).status).toBe(200);
  });

  test('cannot try one refused token from many addresses', async () => {
    await start({ settings: { trustedProxies: 1 } });
    const answers = await statuses(times(5, (n) => ({ token: 'bad', from: `203.0.113.${n}` })));
    expect(answers).toEqual([401, 401, 401, 429, 429]);
    expect((await send({ token: 'bad-other', from: '203.0.113.99' })).status).toBe(401);
  });
});

describe('X-Forwarded-For', () => {
  test('is not looked at unless proxies are configured', async () => {
    await start();
    const answers = await statuses(times(4, (n) => ({ from: `203.0.113.${n}` })));
    expect(answers).toEqual([401, 401, 401, 429]);
  });

  test('of what a proxy has added only, whatever the sender wrote before', async () => {
    await start({ settings: { trustedProxies: 1 } });
    const answers = await statuses(times(4, (n) => ({ from: `198.51.100.${n}, 203.0.113.7` })));
    expect(answers).toEqual([401, 401, 401, 429]);
    expect((await send({ from: '198.51.100.1, 203.0.113.8' })).status).toBe(401);
  });

  test('two proxies: the entry of the outer one counts', async () => {
    await start({ settings: { trustedProxies: 2 } });
    const answers = await statuses(times(4, (n) => ({ from: `6.6.6.${n}, 203.0.113.7, 10.0.0.${n}` })));
    expect(answers).toEqual([401, 401, 401, 429]);
  });

  test('all addresses of an IPv6 /64 are one', async () => {
    await start({ settings: { trustedProxies: 1 } });
    const answers = await statuses(times(4, (n) => ({ from: `2001:db8:1:2::${n}` })));
    expect(answers).toEqual([401, 401, 401, 429]);
    expect((await send({ from: '2001:db8:1:3::1' })).status).toBe(401);
  });
});

describe('event streams', () => {
  async function open(token: string): Promise<Response> {
    const stream = new AbortController();
    streams.push(stream);
    return fetch(`${api.url}/v1/events`, {
      headers: { authorization: `Bearer ${token}` },
      signal: stream.signal,
    });
  }

  test('an account has so many open at once, and room again when one is closed', async () => {
    await start({ streams: { perAccount: 2 }, limiter: createMemoryLimiter({ ...FEW, stream: 1_000 }) });
    expect([(await open('member')).status, (await open('member')).status]).toEqual([200, 200]);
    const refused = await open('member');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
    expect((await open('other')).status).toBe(200);
    streams[0]?.abort();
    await expect.poll(async () => (await open('member')).status).toBe(200);
  });
});
