import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ALL_SCOPES,
  Problem,
  type RouteSpec,
  routeList,
  TOKEN_PREFIX,
  TOKEN_SCOPES,
} from '../../server/src/contract/index.ts';
import { newSecret, secretHash } from '../../server/src/core/accounts/secrets.ts';
import { newId } from '../../server/src/core/ids.ts';
import { idPrefixes } from './example.ts';
import { CASES, type Case, type CaseName, type Cell, cellsOf, roleBelow } from './matrix.ts';
import { components, type Example, makeExample, makeRow, schemasOf } from './rows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let idToken: string;
let revokedToken: string;
let expiredToken: string;
let liveToken: string;
beforeAll(async () => {
  world = await startWorld();
  idToken = await world.idToken();
  liveToken = await personalToken({});
  revokedToken = await personalToken({ revoked: true });
  expiredToken = await personalToken({ expiresAt: new Date(Date.now() - 60_000) });
});
afterAll(() => world.close());

interface Draft {
  readonly params: Example['params'];
  path: string;
  headers: Record<string, string>;
  body: string | undefined;
}

/** With every scope that such a token can hold. */
async function personalToken({
  revoked = false,
  expiresAt = new Date(Date.now() + 86_400_000),
}): Promise<string> {
  const secret = newSecret(TOKEN_PREFIX);
  const id = newId('tok');
  await world.store.transaction(async (tx) => {
    await tx.tokens.create(world.accounts.ours, {
      id,
      name: id,
      principal: world.principals.owner,
      scopes: [...TOKEN_SCOPES],
      secretHash: secretHash(secret),
      expiresAt,
    });
    if (revoked) await tx.tokens.revoke(world.accounts.ours, [id]);
  });
  return secret;
}

/** Somebody of our account who may do it, and to whom the rows belong. */
const principalFor = (route: RouteSpec, example: Example): string =>
  example.principal ?? (route.role === 'admin' ? world.principals.admin : world.principals.owner);

async function draftOf(route: RouteSpec): Promise<{ draft: Draft; principal: string }> {
  const example = await makeExample(world, route);
  for (const part of ['params', 'body'] as const) {
    const parsed = route[part]?.safeParse(example[part]);
    if (parsed && !parsed.success) {
      throw new Error(`No valid ${part} for ${route.name}; write a hook: ${parsed.error.message}`);
    }
  }
  const principal = principalFor(route, example);
  const { params } = example;
  const draft: Draft = { params, path: fill(route, params), headers: {}, body: undefined };
  if (route.scope !== null) bear(draft, world.mint(principal));
  if (example.body !== undefined) {
    draft.headers['content-type'] = 'application/json';
    draft.body = JSON.stringify(example.body);
  }
  return { draft, principal };
}

const fill = (route: RouteSpec, params: Readonly<Record<string, unknown>>): string =>
  route.path.replaceAll(/:([A-Za-z]+)/g, (_whole, name: string) => encodeURIComponent(String(params[name])));

function setHeader(draft: Draft, name: string, value: string): void {
  draft.headers[name] = value;
}

function bear(draft: Draft, token: string): void {
  setHeader(draft, 'authorization', `Bearer ${token}`);
}

function mapBody(draft: Draft, change: (body: object) => object): void {
  draft.body = JSON.stringify(change(Object(JSON.parse(draft.body ?? '{}'))));
}

async function withIds(route: RouteSpec, draft: Draft, id: (prefix: string) => Promise<string>) {
  const params = new Map(Object.entries(draft.params));
  for (const [name, schema] of Object.entries(schemasOf(route).params?.properties ?? {})) {
    const [prefix] = idPrefixes(schema, components);
    if (prefix !== undefined) params.set(name, await id(prefix));
  }
  draft.path = fill(route, Object.fromEntries(params));
}

interface Wrong {
  readonly draft: Draft;
  readonly route: RouteSpec;
  readonly principal: string;
}

/** A ULID that no row has. */
const NOBODYS = '01k4x8m2v6q9r3t5w7y1z0abcd';
const now = () => Math.floor(Date.now() / 1000);

/** How a good request is spoilt. */
const SPOIL: Record<CaseName, (wrong: Wrong) => void | Promise<void>> = {
  good: () => undefined,
  none({ draft }) {
    delete draft.headers['authorization'];
  },
  scheme: ({ draft }) => setHeader(draft, 'authorization', 'Basic bWU6c2VjcmV0'),
  inQuery: ({ draft, principal }) => {
    delete draft.headers['authorization'];
    draft.path += `?access_token=${world.mint(principal)}`;
  },
  malformed: ({ draft }) => bear(draft, 'abc.def'),
  notAToken: ({ draft }) => bear(draft, 'abc def'),
  expired: ({ draft, principal }) => bear(draft, world.mint(principal, { exp: now() - 60 })),
  notYetValid: ({ draft, principal }) => bear(draft, world.mint(principal, { nbf: now() + 60 })),
  wrongAudience: ({ draft, principal }) =>
    bear(draft, world.mint(principal, { aud: 'https://else.example' })),
  wrongIssuer: ({ draft, principal }) => bear(draft, world.mint(principal, { iss: 'https://else.example/' })),
  wrongKey: ({ draft, principal }) => bear(draft, world.forge.otherKey(principal)),
  algNone: ({ draft, principal }) => bear(draft, world.forge.algNone(principal)),
  hs256: ({ draft, principal }) => bear(draft, world.forge.hs256(principal)),
  idToken: ({ draft }) => bear(draft, idToken),
  noExp: ({ draft, principal }) => bear(draft, world.mint(principal, { exp: undefined })),
  noSub: ({ draft, principal }) => bear(draft, world.mint(principal, { sub: undefined })),
  revokedToken: ({ draft }) => bear(draft, revokedToken),
  expiredToken: ({ draft }) => bear(draft, expiredToken),
  unknownToken: ({ draft }) => bear(draft, newSecret(TOKEN_PREFIX)),
  tokenScope: ({ draft }) => bear(draft, liveToken),
  missingScope: ({ draft, route, principal }) =>
    bear(
      draft,
      world.mint(
        principal,
        {},
        ALL_SCOPES.filter((scope) => scope !== route.scope),
      ),
    ),
  noAccount: ({ draft }) => bear(draft, world.mint('robot-of-nobody@clients')),
  suspended: ({ draft }) => bear(draft, world.mint(world.suspended)),
  role: ({ draft, route }) => bear(draft, world.mint(world.principals[roleBelow(route) ?? 'member'])),
  foreignId: ({ draft, route }) => withIds(route, draft, (prefix) => makeRow(world, prefix, 'theirs')),
  unknownId: ({ draft, route }) => withIds(route, draft, async (prefix) => `${prefix}_${NOBODYS}`),
  notAnId: ({ draft, route }) => withIds(route, draft, async () => "1'--"),
  largeBody: ({ draft }) => mapBody(draft, (body) => ({ ...body, filler: 'x'.repeat(world.bodyLimit) })),
  largeChunkedBody: ({ draft }) => {
    mapBody(draft, (body) => ({ ...body, filler: 'x'.repeat(world.bodyLimit) }));
    draft.headers['transfer-encoding'] = 'chunked';
  },
  unknownField: ({ draft }) => mapBody(draft, (body) => ({ ...body, isAdmin: true })),
  unknownParameter({ draft }) {
    draft.path += '?admin=true';
  },
  wrongType: ({ draft }) => setHeader(draft, 'content-type', 'text/plain'),
  encoded: ({ draft }) => setHeader(draft, 'content-encoding', 'gzip'),
  notJson({ draft }) {
    draft.body = '{"a":';
  },
  needlessToken: ({ draft }) => bear(draft, world.mint('auth0|owner', { exp: now() - 60 })),
};

interface Answer {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  /** Of a stream, its beginning. */
  readonly body: string;
}

/** Sent as it is drafted: fetch would not let a body go without its length. */
function send(method: string, draft: Draft): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const outgoing = request(world.url + draft.path, { method, headers: draft.headers }, (res) => {
    let body = '';
    const done = () => resolve({ status: res.statusCode, headers: res.headers, body });
    res.on('data', (chunk: Buffer) => {
      body += chunk;
      if (res.headers['content-type']?.startsWith('text/event-stream')) {
        done();
        outgoing.destroy();
      }
    });
    res.once('end', done);
    res.once('error', reject);
  });
  outgoing.once('error', reject);
  outgoing.end(draft.body);
  return promise;
}

async function meet({ route, name }: Cell): Promise<Answer> {
  const { draft, principal } = await draftOf(route);
  await SPOIL[name]({ draft, route, principal });
  return send(route.method, draft);
}

describe.each(routeList.map((route) => [route.name, route] as const))('%s', (_name, route) => {
  test.each(
    cellsOf(route).map((cell) => [CASES[cell.name].what, cell.status, cell.code ?? 'success', cell] as const),
  )('a request with %s: %i %s', async (_what, status, _code, cell) => {
    const answer = await meet(cell);
    const { challenge }: Case = CASES[cell.name];
    expect([answer.status, answer.headers['www-authenticate'] ?? null], answer.body).toEqual([
      status,
      challenge?.(route) ?? null,
    ]);
    if (cell.code !== null) {
      expect(answer.headers['content-type']).toBe('application/problem+json');
      const problem = Problem.parse(JSON.parse(answer.body));
      expect(problem).toMatchObject({ code: cell.code, status, requestId: answer.headers['x-request-id'] });
    }
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': /no-store/,
    });
  });
});

describe('ids of another account that stand elsewhere than in a path', () => {
  const fields = routeList
    .filter(({ role }) => role !== null && role !== 'admin')
    .flatMap((route) => {
      const { query, body } = schemasOf(route);
      return [
        ...Object.entries(query?.properties ?? {}).map(
          ([field, schema]) => ['query', field, schema] as const,
        ),
        ...Object.entries(bodyShape(body)).map(([field, schema]) => ['body', field, schema] as const),
      ].flatMap(([place, field, schema]) =>
        idPrefixes(schema, components).map((prefix) => ({ route, place, field, prefix })),
      );
    });

  test.each(
    fields.map((one) => [`${one.route.name}: ${one.place} ${one.field} (${one.prefix}_)`, one] as const),
  )('%s', async (_name, { route, place, field, prefix }) => {
    const { draft } = await draftOf(route);
    const foreign = await makeRow(world, prefix, 'theirs');
    if (place === 'query') draft.path += `?${field}=${foreign}`;
    else {
      mapBody(draft, (body) => ({ ...body, [field]: exchanged(Object(body)[field], prefix, foreign) }));
    }
    const answer = await send(route.method, draft);
    const body = JSON.parse(answer.body);
    // A list holds nothing, a batch says it of each item, all else is not there.
    if (Array.isArray(body.items)) expect([answer.status, body.items]).toEqual([200, []]);
    else if (Array.isArray(body.results)) {
      for (const { status, error } of body.results) {
        expect([status, error?.code]).toEqual(['error', 'not_found']);
      }
    } else expect([answer.status, body.code]).toEqual([404, 'not_found']);
  });
});

function bodyShape(body: ReturnType<typeof schemasOf>['body']) {
  const name = body?.$ref?.split('/').at(-1);
  return (name ? components[name] : body)?.properties ?? {};
}

/** The value with the foreign id in the place of ours; an optional one that was left out is put in. */
function exchanged(value: unknown, prefix: string, foreign: string): unknown {
  if (value === undefined) return foreign;
  return JSON.parse(JSON.stringify(value).replaceAll(new RegExp(`${prefix}_[0-9a-z]{26}`, 'g'), foreign));
}

test('what the issuer itself has given is good', async () => {
  const draft = { params: {}, path: '/v1/me', headers: {}, body: undefined };
  bear(draft, await world.issued());
  const answer = await send('GET', draft);
  expect([answer.status, JSON.parse(answer.body).principal]).toEqual([200, world.principals.member]);
});

test('the matrix leaves no operation and no case out', () => {
  const cells = routeList.flatMap(cellsOf);
  expect(new Set(cells.map(({ route }) => route.name)).size).toBe(routeList.length);
  expect(new Set(cells.map(({ name }) => name)).size).toBe(Object.keys(CASES).length);
});
