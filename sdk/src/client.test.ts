import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Stager } from './client.ts';
import type { StagerOptions, TokenProvider } from './core/options.ts';
import { type FakeApi, type FakeApiOptions, startFakeApi } from './testing/index.ts';
import { VERSION } from './version.ts';

let api: FakeApi;
beforeEach(async () => {
  vi.stubEnv('STAGER_API_URL', '');
  vi.stubEnv('STAGER_TOKEN', '');
  vi.stubEnv('STAGER_CLIENT_ID', '');
  vi.stubEnv('STAGER_CLIENT_SECRET', '');
  // Waits between tries are drawn at random; the tests draw the shortest.
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = await startFakeApi();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await api.close();
});

const client = (options: StagerOptions = {}) =>
  new Stager({ baseUrl: api.url, token: 'token-1', ...options });
const restart = async (options: FakeApiOptions) => {
  await api.close();
  api = await startFakeApi(options);
};
const keys = () => api.requests.map((request) => request.headers['idempotency-key']);

describe('settings', () => {
  test('come from the environment where the options do not say', async () => {
    vi.stubEnv('STAGER_API_URL', `${api.url}/`);
    vi.stubEnv('STAGER_TOKEN', 'from-env\n');
    const stager = new Stager();
    expect(stager.baseUrl).toBe(api.url);
    await stager.me();
    await new Stager({ token: 'given' }).me();
    expect(api.requests.map((request) => request.headers['authorization'])).toEqual([
      'Bearer from-env',
      'Bearer given',
    ]);
  });

  test.each([
    ['nothing', undefined],
    ['no URL', 'stager'],
    ['another scheme', 'ftp://stager.example'],
    ['credentials', 'https://a:b@stager.example'],
    ['a query', 'https://stager.example/?a=1'],
  ])('an address that is %s is refused', (_name, baseUrl) => {
    expect(() => new Stager({ baseUrl })).toThrow(expect.objectContaining({ code: 'not_configured' }));
  });

  test('numbers that make no sense are refused', () => {
    expect(() => client({ maxRetries: -1 })).toThrow('maxRetries');
    expect(() => client({ timeoutMs: Number.NaN })).toThrow('timeoutMs');
  });

  test('half of the client credentials is not enough', () => {
    expect(() => new Stager({ baseUrl: api.url, clientId: 'id' })).toThrow('secret is missing');
    vi.stubEnv('STAGER_CLIENT_SECRET', 'secret');
    expect(() => new Stager({ baseUrl: api.url })).toThrow('id is missing');
  });
});

describe('a call', () => {
  test('answers with data, and with what came with it', async () => {
    const { data, response } = await client({ userAgent: 'my-app/2' }).me().withResponse();
    expect(data.account.name).toBe('Fake');
    expect(response).toMatchObject({
      status: 200,
      replayed: false,
      retries: 0,
      rateLimit: { remaining: 999 },
    });
    expect(response.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(api.requests[0]?.headers['user-agent']).toBe(`my-app/2 stager-sdk/${VERSION}`);
    await expect(
      client()
        .me()
        .catch(() => null)
        .finally(() => undefined),
    ).resolves.toEqual(data);
    const call = client().catalog();
    expect(Object.prototype.toString.call(call)).toBe('[object ApiPromise]');
    await call;
  });

  test('covers projects from creation to deletion', async () => {
    const { projects } = client();
    const made = await projects.create({ name: 'Listing 42' });
    expect(await projects.get(made.id)).toEqual(made);
    expect((await projects.update(made.id, { name: 'Listing 43' })).name).toBe('Listing 43');
    await expect(projects.create({ name: 'listing 43' })).rejects.toMatchObject({
      name: 'ConflictError',
      code: 'name_taken',
    });
    expect(await projects.delete(made.id)).toBeUndefined();
    await expect(projects.get(made.id)).rejects.toMatchObject({ name: 'NotFoundError', status: 404 });
    await expect(projects.create({ name: '' })).rejects.toMatchObject({ issues: [{ path: 'body.name' }] });
  });

  test('reaches any operation by name', async () => {
    const stager = client();
    expect(await stager.request('getLiveness')).toEqual({ status: 'ok' });
    const { id } = await stager.request(
      'createProject',
      { body: { name: 'By name' } },
      { idempotencyKey: 'k' },
    );
    expect((await stager.request('getProject', { params: { projectId: id } })).name).toBe('By name');
    expect(keys()[1]).toBe('k');
  });

  test('cannot be sent to another address by an id', async () => {
    for (const id of ['', '..', '.']) await expect(client().projects.get(id)).rejects.toThrow('projectId');
    await expect(client().projects.get('a/../../livez')).rejects.toMatchObject({ code: 'not_found' });
    expect(api.requests[0]?.path).toBe('/v1/projects/a%2F..%2F..%2Flivez');
  });

  test('goes through the middleware, outermost first, each try anew', async () => {
    const seen: string[] = [];
    const stager = client({
      middleware: [
        async (request, next) => {
          seen.push(`out ${request.method}`);
          request.headers.set('x-trace', 'abc');
          const response = await next(request);
          seen.push(`back ${response.status}`);
          return response;
        },
        (request, next) => {
          seen.push('in');
          return next(request);
        },
      ],
    });
    api.failNext({ status: 502 });
    await stager.projects.create({ name: 'Through' });
    expect(seen).toEqual(['out POST', 'in', 'back 502', 'out POST', 'in', 'back 201']);
    expect(api.requests[1]?.headers['x-trace']).toBe('abc');
    expect(api.requests[1]?.body).toEqual({ name: 'Through' });
  });

  test('tells the logger, but no token', async () => {
    const lines: string[] = [];
    const write = (message: string, facts: object) => lines.push(`${message} ${JSON.stringify(facts)}`);
    api.failNext({ code: 'unavailable' });
    await client({ logger: { debug: write, warn: write } }).me();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain('unavailable');
    expect(lines.join()).not.toContain('token-1');
  });

  test('an answer that is not JSON is said to be one', async () => {
    const server = createServer((_req, res) => res.end('<html>hello</html>'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const stager = new Stager({ baseUrl: `http://127.0.0.1:${port}`, token: 'x' });
    await expect(stager.me()).rejects.toMatchObject({
      code: 'invalid_answer',
      hint: expect.stringContaining('proxies'),
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe('retries', () => {
  test('repeat what may pass, with the same key each time', async () => {
    api.failNext({ status: 502 });
    api.failNext({ cut: true });
    api.failNext({ code: 'idempotency_in_flight' });
    const { data, response } = await client().projects.create({ name: 'Once' }).withResponse();
    expect(data.name).toBe('Once');
    expect(response.retries).toBe(3);
    expect(new Set(keys()).size).toBe(1);
    expect(api.state.projects.size).toBe(1);
  });

  test('a POST whose answer was lost is done once', async () => {
    api.failNext({ operation: 'createProject', cutAfterEffect: true });
    const { data, response } = await client().projects.create({ name: 'Lost' }).withResponse();
    expect(response.replayed).toBe(true);
    expect([...api.state.projects.keys()]).toEqual([data.id]);
  });

  test('a DELETE whose answer was lost is no error', async () => {
    const { id } = await client().projects.create({ name: 'Gone' });
    api.failNext({ operation: 'deleteProject', cutAfterEffect: true });
    expect(await client().projects.delete(id)).toBeUndefined();
    await expect(client().projects.delete(id)).rejects.toMatchObject({ status: 404 });
  });

  test('two calls have keys of their own', async () => {
    await client().projects.create({ name: 'A' });
    await client().projects.create({ name: 'B' });
    expect(new Set(keys()).size).toBe(2);
  });

  test('none means none, for the client and for a call', async () => {
    api.failNext({ status: 503, times: 2 });
    await expect(client({ maxRetries: 0 }).me()).rejects.toMatchObject({ name: 'ServerError', status: 503 });
    await expect(client().me({ maxRetries: 0 })).rejects.toMatchObject({ status: 503 });
    expect(api.requests).toHaveLength(2);
  });

  test('end with the error of the last try', async () => {
    api.failNext({ code: 'unavailable', times: 10 });
    await expect(client({ maxRetries: 2 }).me()).rejects.toMatchObject({
      code: 'unavailable',
      retryable: true,
      requestId: expect.stringMatching(/-/),
    });
    expect(api.requests).toHaveLength(3);
  });

  test('what cannot get better is not repeated', async () => {
    api.failNext({ code: 'insufficient_scope' });
    await expect(client().me()).rejects.toMatchObject({ name: 'PermissionError' });
    expect(api.requests).toHaveLength(1);
  });

  test('a long Retry-After is handed to the caller', async () => {
    api.failNext({ code: 'rate_limited', retryAfter: 3600 });
    await expect(client().me()).rejects.toMatchObject({ name: 'RateLimitError', retryAfterMs: 3_600_000 });
    expect(api.requests).toHaveLength(1);
  });

  test.each(['rate_limited', 'unavailable'] as const)(
    '%s with Retry-After makes all calls of the client wait',
    async (code) => {
      const sentAt: number[] = [];
      const told = Promise.withResolvers<number>();
      const stager = client({
        fetch(input, init) {
          sentAt.push(performance.now());
          return fetch(input, init);
        },
        logger: { warn: () => told.resolve(performance.now()) },
      });
      api.failNext({ code, retryAfter: 1 });
      const first = stager.me();
      const toldAt = await told.promise;
      await Promise.all([first, ...Array.from({ length: 5 }, () => stager.catalog())]);
      expect(sentAt).toHaveLength(7);
      for (const at of sentAt.slice(1)) expect(at - toldAt).toBeGreaterThan(950);
    },
  );
});

describe('time', () => {
  test('a call that hangs is given up, each try by itself', async () => {
    api.failNext({ hang: true, times: 2 });
    await expect(client({ timeoutMs: 60, maxRetries: 1 }).me()).rejects.toMatchObject({
      name: 'TimeoutError',
      code: 'timeout',
      retryable: true,
    });
    expect(await client().me({ timeoutMs: 5_000 })).toBeDefined();
  });

  test('an aborted call ends at once, whatever it waits for', async () => {
    const before = AbortSignal.abort('no');
    await expect(client().me({ signal: before })).rejects.toMatchObject({ name: 'AbortError', cause: 'no' });
    expect(api.requests).toHaveLength(0);
    const inFlight = new AbortController();
    api.failNext({ hang: true });
    const hanging = client().me({ signal: inFlight.signal });
    await vi.waitFor(() => expect(api.requests).toHaveLength(1));
    inFlight.abort();
    await expect(hanging).rejects.toMatchObject({ name: 'AbortError' });
    const waiting = new AbortController();
    api.failNext({ code: 'rate_limited', retryAfter: 30 });
    const delayed = client().me({ signal: waiting.signal });
    await vi.waitFor(() => expect(api.requests).toHaveLength(2));
    waiting.abort();
    await expect(delayed).rejects.toMatchObject({ name: 'AbortError' });
    const stuck: TokenProvider = { getToken: () => new Promise(() => undefined) };
    const tokenless = new AbortController();
    const asking = client({ token: stuck }).me({ signal: tokenless.signal });
    tokenless.abort();
    await expect(asking).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a thousand calls on one signal leave no listener on it', async () => {
    const { signal } = new AbortController();
    const stager = client();
    const warned = vi.fn();
    process.on('warning', warned);
    for (let round = 0; round < 20; round += 1) {
      await Promise.all(Array.from({ length: 50 }, () => stager.health({ signal })));
    }
    process.off('warning', warned);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('tokens', () => {
  test('one that is refused is replaced once, then the call goes on', async () => {
    await restart({ acceptToken: (token) => token === 'token-2' });
    const asked: unknown[] = [];
    const token: TokenProvider = {
      async getToken(options) {
        asked.push(options);
        return options?.refresh ? 'token-2' : 'token-1';
      },
    };
    expect((await client({ token }).me()).role).toBe('owner');
    expect(asked).toEqual([{}, { refresh: true, rejected: 'token-1' }]);
  });

  test('a fixed one that is refused is not sent again', async () => {
    await restart({ acceptToken: () => false });
    await expect(client().me()).rejects.toMatchObject({
      name: 'AuthenticationError',
      code: 'unauthenticated',
    });
    expect(api.requests).toHaveLength(1);
  });

  test('without any, what needs none works, and the rest says what to set', async () => {
    const stager = new Stager({ baseUrl: api.url });
    expect((await stager.catalog()).defaultEngine).toBe('finish');
    await expect(stager.me()).rejects.toMatchObject({ hint: expect.stringContaining('STAGER_TOKEN') });
  });

  test('client credentials are exchanged at the issuer that the API names', async () => {
    vi.stubEnv('STAGER_CLIENT_ID', 'ci');
    vi.stubEnv('STAGER_CLIENT_SECRET', 'secret');
    const stager = new Stager({ baseUrl: api.url });
    await Promise.all([stager.me(), stager.me(), stager.me()]);
    expect(api.requests.filter(({ operation }) => operation === 'issuer')).toHaveLength(2);
    const bearers = api.requests
      .filter(({ operation }) => operation === 'getMe')
      .map((r) => r.headers['authorization']);
    expect(new Set(bearers).size).toBe(1);
    expect(bearers[0]).toMatch(/^Bearer fake-token-/);
    await new Stager({ baseUrl: api.url, clientId: 'a', clientSecret: 'b' }).me();
  });

  test('what a token provider throws reaches the caller', async () => {
    const token: TokenProvider = { getToken: () => Promise.reject(new Error('locked keychain')) };
    await expect(client({ token }).me()).rejects.toThrow('locked keychain');
  });
});

describe('lists', () => {
  test('are read page by page, as far as they are read', async () => {
    const stager = client();
    for (let i = 0; i < 7; i += 1) await stager.projects.create({ name: `Project ${i}` });
    const names: string[] = [];
    for await (const { name } of stager.projects.list({ limit: 3 })) names.push(name);
    expect(names).toEqual([6, 5, 4, 3, 2, 1, 0].map((i) => `Project ${i}`));
    const listed = () => api.requests.filter(({ operation }) => operation === 'listProjects').length;
    expect(listed()).toBe(3);
    for await (const _ of stager.projects.list({ limit: 3 })) break;
    expect(listed()).toBe(4);
    expect(await stager.projects.list({ limit: 3 }).toArray({ limit: 4 })).toHaveLength(4);
    expect(listed()).toBe(6);
    expect(await stager.projects.list().toArray({ limit: 0 })).toEqual([]);
    const page = await stager.projects.list({ limit: 2 }).page();
    expect(page.items).toHaveLength(2);
    const rest = await stager.projects.list({ limit: 5, cursor: page.nextCursor ?? '' }).toArray();
    expect(rest).toHaveLength(5);
    const { response } = await stager.images.list({ state: 'ready' }).page().withResponse();
    expect(response.status).toBe(200);
    await expect(stager.projects.list({ cursor: 'x' }).page()).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });
});
