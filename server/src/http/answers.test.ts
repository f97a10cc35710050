import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startTestApi, type TestApi, type TestApiOptions } from '../../../tests/support/api.ts';
import { makeAccount } from '../../../tests/support/fixtures.ts';
import { routeList } from '../contract/index.ts';

let api: TestApi;
let usual: TestApi;
beforeAll(async () => {
  usual = await open();
  await makeAccount(usual.store, 'member');
});
afterEach(async () => {
  if (api !== usual) await api.close();
});
afterAll(() => usual.close());

/** Its own with these options; without any, that of the whole file. */
async function start(options?: Partial<TestApiOptions>): Promise<void> {
  api = options ? await open({ ...options, database: usual.database }) : usual;
}

function open(options: Partial<TestApiOptions> = {}): Promise<TestApi> {
  return startTestApi({
    who: (token) => ({ subject: token, expiresAt: new Date(Date.now() + 3_600_000) }),
    scopes: ['account:read', 'images:read', 'projects:read', 'projects:write'],
    ...options,
  });
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: string;
}

/** The address exactly as it is given: fetch would tidy it up. */
function send(method: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve, reject) => {
    const outgoing = request({ hostname, port, method, path, headers }, (res) => {
      let body = '';
      res.on('data', (chunk: Buffer) => {
        body += chunk;
      });
      res.once('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    outgoing.once('error', reject);
    outgoing.end();
  });
}

const member = { authorization: 'Bearer member' };
const code = ({ body }: Answer): unknown => JSON.parse(body).code;

describe('the headers of every answer', () => {
  const HEADERS = {
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cache-control': 'no-store',
  };
  test.each([
    ['success', 'GET', '/v1/me', member, 200],
    ['no token', 'GET', '/v1/me', {}, 401],
    ['a missing scope', 'POST', '/v1/images', member, 403],
    ['nothing there', 'GET', '/v1/nothing', {}, 404],
    ['another method', 'DELETE', '/v1/me', member, 405],
    ['a health check', 'GET', '/livez', {}, 200],
    ['HEAD', 'HEAD', '/v1/me', member, 200],
    ['OPTIONS', 'OPTIONS', '/v1/me', {}, 405],
  ] as const)('%s', async (_name, method, path, headers, status) => {
    await start();
    const answer = await send(method, path, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject(HEADERS);
    expect(answer.headers['x-request-id']).toBeDefined();
    for (const name of ['server', 'x-powered-by', 'set-cookie', 'strict-transport-security']) {
      expect(answer.headers[name], name).toBeUndefined();
    }
  });

  test('a failure of ours carries them, too, and says nothing of its inside', async () => {
    await start({});
    api.store.read.accounts.findByPrincipal = () => Promise.reject(new Error('secret words in /etc/stager'));
    const answer = await send('GET', '/v1/me', member);
    expect(answer.status).toBe(500);
    expect(answer.headers).toMatchObject(HEADERS);
    expect(JSON.stringify(answer)).not.toMatch(/secret words|\/etc|\.ts:/);
  });

  test('HTTPS is required of browsers only where it is configured', async () => {
    await start({ server: { hstsSeconds: 63_072_000 } });
    const answer = await send('GET', '/v1/nothing');
    expect(answer.headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains');
  });
});

describe('scripts of web pages', () => {
  const ORIGIN = 'https://app.example.com';
  const preflight = { origin: ORIGIN, 'access-control-request-method': 'POST' };

  test('are let in nowhere unless somebody says so', async () => {
    await start();
    const answers = [
      await send('GET', '/v1/me', { ...member, origin: ORIGIN }),
      await send('OPTIONS', '/v1/projects', preflight),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 405]);
    for (const { headers } of answers) {
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  test('of an origin that is named may ask and read, without cookies', async () => {
    await start({ server: { corsOrigins: [ORIGIN] } });
    const asked = await send('OPTIONS', '/v1/projects', preflight);
    expect([asked.status, asked.body]).toEqual([204, '']);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-allow-methods': expect.stringContaining('PATCH'),
      'access-control-allow-headers': expect.stringContaining('idempotency-key'),
      vary: 'Origin',
    });
    const read = await send('GET', '/v1/nothing', { origin: ORIGIN });
    expect(read.headers).toMatchObject({
      'access-control-allow-origin': ORIGIN,
      'access-control-expose-headers': expect.stringContaining('retry-after'),
    });
    for (const { headers } of [asked, read]) {
      expect(headers['access-control-allow-credentials']).toBeUndefined();
    }
  });

  test.each([
    ['https://app.example.com.evil.com'],
    ['https://evil.example.com'],
    ['http://app.example.com'],
    ['https://app.example.com:8443'],
    ['https://APP.example.com'],
    ['null'],
  ])('of %s are not', async (origin) => {
    await start({ server: { corsOrigins: [ORIGIN] } });
    const asked = await send('OPTIONS', '/v1/projects', { ...preflight, origin });
    const read = await send('GET', '/v1/me', { ...member, origin });
    expect([asked.status, read.status]).toEqual([405, 200]);
    for (const { headers } of [asked, read]) {
      expect(headers['access-control-allow-origin']).toBeUndefined();
      // A cache must not give this answer to the origin that may read it.
      expect(headers['vary']).toBe('Origin');
    }
  });
});

describe('an address has one spelling', () => {
  test.each([
    ['/V1/me'],
    ['/v1/ME'],
    ['/v1/me/'],
    ['//v1/me'],
    ['/v1//me'],
    ['/v1/./me'],
    ['/v1/x/../me'],
    ['/v1%2fme'],
    ['/v1/%6de'],
    ['/v1/me%00'],
    ['/v1/me;x=1'],
    ['/v1/%c0%ae%c0%ae/me'],
    ['/v1/me%'],
    ['/objects/../v1/me'],
  ])('%s is not /v1/me', async (path) => {
    await start();
    const answer = await send('GET', path, member);
    expect([answer.status, code(answer)]).toEqual([404, 'not_found']);
  });

  test.each([
    ['/v1/projects/%2e%2e%2fme'],
    ['/v1/projects/prj_1%2f..%2f..%2fme'],
    ['/v1/projects/%00'],
    ['/v1/projects/%c0%af'],
    ['/v1/projects/%'],
    [`/v1/projects/${'a'.repeat(5_000)}`],
  ])('what stands in the place of an id and is none is refused: %s', async (path) => {
    await start();
    const answer = await send('GET', path, member);
    expect([answer.status, code(answer)]).toEqual([400, 'invalid_request']);
  });
});

describe('methods', () => {
  test('HEAD answers as GET does, without the body', async () => {
    await start();
    const [head, get] = [await send('HEAD', '/v1/me', member), await send('GET', '/v1/me', member)];
    expect([head.status, head.body, head.headers['content-length']]).toEqual([
      200,
      '',
      get.headers['content-length'],
    ]);
    expect((await send('HEAD', '/v1/me')).status).toBe(401);
  });

  test('HEAD opens no stream', async () => {
    await start();
    const answer = await send('HEAD', '/v1/events', member);
    expect([answer.status, answer.headers['content-type']]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
  });

  test('of each address those that it has, and no other', async () => {
    await start();
    for (const path of new Set(routeList.map((route) => route.path.replaceAll(/:\w+/g, 'x')))) {
      const here = routeList.filter((route) =>
        new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path),
      );
      const has = new Set<string>(here.map(({ method }) => method));
      if (has.has('GET')) has.add('HEAD');
      for (const method of ['PUT', 'OPTIONS', 'TRACE', 'PROPFIND', ...['GET', 'POST', 'PATCH', 'DELETE']]) {
        if (has.has(method)) continue;
        const answer = await send(method, path, member);
        expect([answer.status, code(answer)], `${method} ${path}`).toEqual([405, 'method_not_allowed']);
        expect(new Set(String(answer.headers['allow']).split(', '))).toEqual(has);
      }
    }
  });

  test('TRACE echoes nothing', async () => {
    await start();
    const answer = await send('TRACE', '/v1/me', { ...member, 'x-secret': 'canary' });
    expect(answer.body).not.toContain('canary');
  });
});
