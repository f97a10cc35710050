import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ERROR_CODES } from '../../server/src/contract/errors.ts';
import { routeList } from '../../server/src/contract/index.ts';
import { buildOpenApi, errorsOf } from '../../server/src/contract/openapi.ts';
import { defineRoute, type RouteSpec } from '../../server/src/contract/route.ts';
import { emitConfiguration } from './configuration.ts';
import { checkRoutes, loadRoutes } from './contract.ts';
import { emitOperations } from './operations.ts';
import { emitReference } from './reference.ts';
import { emitEndpointIndex, emitRouteIndex } from './registries.ts';
import { sample } from './samples.ts';
import { emitTypes } from './types.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stager-generate-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const Thing = z.strictObject({ id: z.string(), note: z.string().optional() }).meta({ id: 'Thing' });
const thing = (change: Partial<RouteSpec> = {}): RouteSpec => ({
  name: 'makeThing',
  method: 'POST',
  path: '/v1/things/:thingId',
  tag: 'Things',
  summary: 'Make a thing',
  scope: 'images:write',
  role: 'member',
  rate: 'write',
  params: z.strictObject({ thingId: z.string() }),
  body: Thing,
  success: { status: 201, schema: Thing, description: 'The thing' },
  errors: ['name_taken'],
  idempotent: 'store',
  ...change,
});

describe('a route that cannot work is refused', () => {
  test.each<[string, Partial<RouteSpec>, string]>([
    ['a POST without idempotency', { idempotent: undefined } as never, 'needs an idempotency mode'],
    ['a GET with a key', { method: 'GET', body: undefined } as never, 'only a POST takes'],
    ['params that are not in the path', { path: '/v1/things' }, 'the path names (), params (thingId)'],
    ['a role without a token', { scope: null }, 'a role needs a token'],
    ['204 with a body', { success: { status: 204, schema: Thing, description: '' } }, '204 and no schema'],
  ])('%s', (_name, change, words) => {
    expect(() => checkRoutes([thing(change)])).toThrow(words);
  });

  test('two with one name or one address, all said at once', () => {
    const twice = () =>
      checkRoutes([
        thing(),
        thing({ path: '/v1/things/:otherId', params: z.strictObject({ otherId: z.string() }) }),
      ]);
    expect(twice).toThrow(/makeThing is taken.*\n.*POST \/v1\/things\/: is taken/);
    expect(() => checkRoutes([thing()])).not.toThrow();
  });
});

describe('the registries', () => {
  test('list what is in the folders, and say what is missing', () => {
    mkdirSync(join(dir, 'things'));
    for (const file of [
      'getA.ts',
      'things/getB.ts',
      'getB.ts',
      'stray.ts',
      'getA.test.ts',
      'index.ts',
      'notes.md',
    ]) {
      writeFileSync(join(dir, file), '');
    }
    const { source, problems } = emitEndpointIndex(dir, ['getA', 'getB', 'getC']);
    expect(source).toContain("import getA from './getA.ts';");
    expect(source).toContain('  getB,\n} satisfies Record<RouteName, Endpoint>;');
    expect(problems).toEqual([
      'endpoints/stray.ts belongs to no route of the contract',
      'route getB has two endpoints: getB.ts and things/getB.ts',
      'route getC has no endpoint: add server/src/http/endpoints/getC.ts',
    ]);
    expect(emitEndpointIndex(join(dir, 'nowhere'), []).problems).toEqual([]);
    expect(emitRouteIndex([{ file: 'some-things', routes: [] }])).toContain(
      "import * as someThings from './some-things.ts';",
    );
  });

  test('take any new file of the route folder, and nothing but routes', async () => {
    writeFileSync(
      join(dir, 'things.ts'),
      "export const wrong = { name: 'right', method: 'GET', path: '/x', success: {} };",
    );
    await expect(loadRoutes(dir)).rejects.toThrow('right is exported as wrong');
    writeFileSync(join(dir, 'atoms.ts'), 'export const LIMIT = 5;');
    await expect(loadRoutes(dir)).rejects.toThrow('LIMIT, which is not a route');
  });
});

describe('OpenAPI', () => {
  const { document, schemas } = buildOpenApi(routeList);
  const text = JSON.stringify(document);
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));

  test('has every operation, with its scope', () => {
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual(
      routeList.map(({ name }) => name).sort(),
    );
    for (const route of routeList) {
      const operation = operations.find(({ operationId }) => operationId === route.name);
      expect(operation?.security).toEqual(route.scope === null ? [] : [{ bearer: [route.scope] }]);
      const header = operation?.parameters.some(({ name }) => name === 'Idempotency-Key');
      expect(header, route.name).toBe(route.method === 'POST');
    }
  });

  test('has no reference that leads nowhere', () => {
    for (const [, reference = ''] of text.matchAll(/"\$ref":"#\/([^"]+)"/g)) {
      const target = reference
        .split('/')
        .reduce<unknown>(
          (at, key) =>
            typeof at === 'object' && at !== null
              ? Object.entries(at).find(([name]) => name === key)?.[1]
              : undefined,
          document,
        );
      expect(target, reference).toBeDefined();
    }
  });

  test('has every error that an operation can answer with', () => {
    const makeThing = errorsOf(thing());
    expect(makeThing).toEqual(
      expect.arrayContaining(['name_taken', 'idempotency_key_reused', 'body_too_large', 'no_account']),
    );
    const open = errorsOf(thing({ scope: null, role: null, rate: 'none' }));
    expect(open).not.toContain('unauthenticated');
    expect(open).not.toContain('rate_limited');
    for (const operation of operations) {
      for (const code of operation['x-stager-errors']) {
        const { status } = Object.entries(ERROR_CODES).find(([name]) => name === code)?.[1] ?? {};
        expect(operation.responses[String(status)], `${operation.operationId} ${code}`).toBeDefined();
      }
    }
  });

  test('has examples that its own schemas take', () => {
    for (const route of routeList) {
      const { body } = schemas.get(route.name) ?? {};
      if (body) route.body?.parse(sample(body, document.components.schemas));
    }
  });

  test('refuses a schema that means two things', () => {
    const Twofold = z.strictObject({ n: z.int().default(1) }).meta({ id: 'Twofold' });
    const route = thing({ body: Twofold, success: { status: 201, schema: Twofold, description: '' } });
    expect(() => buildOpenApi([route])).toThrow('Twofold differs between request and response');
  });

  test('and what is made of it do not depend on the order of the routes', async () => {
    const other = buildOpenApi(routeList.toReversed());
    expect(other.document).toEqual(document);
    expect(emitReference(document, routeList, schemas)).toBe(emitReference(document, routeList, schemas));
    const types = await emitTypes(document.components.schemas, schemas);
    expect(await emitTypes(document.components.schemas, schemas)).toBe(types);
    expect(types).not.toMatch(/Root__|\[k: string\]: any|\bany\b/);
  });
});

test('an operation whose shape has no name is refused', () => {
  const route = defineRoute({ ...thing(), body: z.strictObject({ a: z.string() }) });
  const { schemas } = buildOpenApi([route]);
  expect(() => emitOperations([route], schemas)).toThrow('makeThing body needs an id');
});

test('the configuration is a table, once per variable, secrets marked', () => {
  const base = z.object({
    STAGER_A: z.enum(['x', 'y']).default('x').describe('What a is'),
    STAGER_B_SECRETS: z
      .string()
      .transform((value) => value.split(','))
      .describe('Signs'),
  });
  const more = base.extend({
    STAGER_N: z.coerce.number().int().min(1).max(9).default(3),
    STAGER_MARKED: z.string().optional().meta({ secret: true }),
  });
  const text = emitConfiguration([
    { title: 'One', intro: 'First.', schema: base },
    { title: 'Two', intro: 'Second.', schema: more },
  ]);
  expect(text).toContain('| `STAGER_A` | `x` | What a is. `x`, `y` |');
  expect(text).toContain('| `STAGER_B_SECRETS` 🔒 | required | Signs |');
  expect(text).toContain('| `STAGER_N` | `3` | 1 to 9 |');
  expect(text).toContain('| `STAGER_MARKED` 🔒 |  |  |');
  expect(text.match(/STAGER_A`/g)).toHaveLength(1);
});
