import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { pathParams, type RouteSpec, routeList } from '../../server/src/contract/index.ts';
import { createClient } from '../support/http.ts';
import { idPrefixes } from './example.ts';
import { components, makeExample, makeRow, schemasOf } from './rows.ts';
import { startWorld, type World } from './world.ts';

/*
 * A clock would tell an id of somebody else from one that nobody has as soon as one of them costs another statement.
 * Times cannot be asserted on a busy machine; that the same is done for both can.
 */
let world: World;
const sent: string[] = [];
beforeAll(async () => {
  const query = pg.Client.prototype.query;
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...facts: unknown[]) {
    const [statement] = facts;
    const text = typeof statement === 'string' ? statement : Object(statement).text;
    if (this.user === 'stager_api') sent.push(String(text));
    // The arguments are passed on as they came.
    return Reflect.apply(query, this, facts);
  });
  world = await startWorld();
});
afterAll(async () => {
  vi.restoreAllMocks();
  await world.close();
});

/** A ULID that no row has. */
const NOBODYS = '01k4x8m2v6q9r3t5w7y1z0abcd';
/** Sent by the relay, or when somebody was not asked for lately: nothing of it hangs on what a request names. */
const BESIDES =
  /find_membership|pg_notify|set_config\('stager.account'|^(BEGIN|COMMIT|ROLLBACK|LISTEN|UNLISTEN|SELECT 1)/;

const ofOneRow = routeList.filter(
  ({ role, path }) => role !== null && role !== 'admin' && pathParams(path).length > 0,
);

async function pathWith(route: RouteSpec, id: (prefix: string) => Promise<string>): Promise<string> {
  let { path } = route;
  for (const [name, schema] of Object.entries(schemasOf(route).params?.properties ?? {})) {
    const [prefix] = idPrefixes(schema, components);
    if (prefix === undefined) throw new Error(`${route.name}: ${name} is no id`);
    path = path.replace(`:${name}`, await id(prefix));
  }
  return path;
}

/** What is answered, and which statements are sent for it. */
async function work(route: RouteSpec, path: string, body: unknown) {
  const client = createClient(world.url, world.mint(world.principals.owner));
  sent.length = 0;
  const answer =
    route.method === 'POST'
      ? await client.post(path, body, { 'idempotency-key': randomUUID() })
      : route.method === 'PATCH'
        ? await client.patch(path, body)
        : route.method === 'DELETE'
          ? await client.delete(path)
          : await client.get(path);
  const { requestId: _, ...problem } = answer.body;
  const id = path.split('/').find((part) => /^[a-z]+_[0-9a-z]{26}$/.test(part)) ?? '';
  return {
    status: answer.status,
    problem: JSON.parse(JSON.stringify(problem).replaceAll(id, 'ID')),
    statements: sent.filter((text) => !BESIDES.test(text)),
  };
}

describe('an id of another account costs the same statements, and is answered the same, as one that nobody has', () => {
  test.each(ofOneRow.map((route) => [route.name, route] as const))('%s', async (_name, route) => {
    const { body } = await makeExample(world, route);
    const foreign = await pathWith(route, (prefix) => makeRow(world, prefix, 'theirs'));
    const nobodys = await pathWith(route, async (prefix) => `${prefix}_${NOBODYS}`);
    const [theirs, none] = [await work(route, foreign, body), await work(route, nobodys, body)];
    expect(theirs).toEqual(none);
    expect(theirs.status).toBe(404);
    expect(theirs.statements.length).toBeGreaterThan(0);
  });
});
