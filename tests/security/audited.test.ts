import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RouteSpec, routeList } from '../../server/src/contract/index.ts';
import { CLI } from '../support/issuer.ts';
import { makeExample } from './rows.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let tables: string[];
beforeAll(async () => {
  world = await startWorld();
  const found = await world.sql(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  // Entries of the outbox are taken out beside the requests.
  tables = found.map(({ name }) => String(name)).filter((name) => name !== 'outbox');
});
afterAll(() => world.close());

/** What changes something; an upload that was only announced is nothing yet, and becomes an original by its bytes. */
const changing = routeList.filter(({ method, path }) => method !== 'GET' && !path.startsWith('/v1/uploads'));

interface Sent {
  readonly status: number;
  readonly principal: string;
  readonly requestId: string;
}

async function draft(route: RouteSpec): Promise<() => Promise<Sent>> {
  const { params, body, principal: own } = await makeExample(world, route);
  const principal = own ?? world.principals[route.role === 'admin' ? 'admin' : 'owner'];
  const path = route.path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) => String(params[name]));
  const requestId = randomUUID();
  const headers = {
    authorization: `Bearer ${world.mint(principal)}`,
    'x-request-id': requestId,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  return async () => {
    const answer = await fetch(world.url + path, {
      method: route.method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    await answer.arrayBuffer();
    return { status: answer.status, principal, requestId };
  };
}

/** Of everything that is stored. */
async function digest(): Promise<Record<string, unknown>> {
  const columns = tables.map(
    (name) => `(SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM ${name} t) AS ${name}`,
  );
  return (await world.sql(`SELECT ${columns.join(', ')}`))[0] ?? {};
}

describe.each(changing.map((route) => [route.name, route] as const))('%s', (_name, route) => {
  test('is recorded: who, with which credential, in which request, on which object', async () => {
    const { status, principal, requestId } = await (await draft(route))();
    expect(status).toBe(route.success.status);
    const entries = await world.sql(
      `SELECT principal, credential_kind, credential_id, object_id, o.ip
         FROM audit LEFT JOIN audit_origins o ON o.audit_id = audit.id WHERE request_id = $1`,
      [requestId],
    );
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) {
      expect(entry).toEqual({
        principal,
        credential_kind: 'login',
        credential_id: CLI,
        object_id: expect.stringMatching(/^[a-z]+_[0-9a-z]{26}$/),
        ip: '127.0.0.1',
      });
    }
  });

  test('is not done when it cannot be recorded', async () => {
    const send = await draft(route);
    await world.sql('REVOKE INSERT ON audit FROM stager_api, stager_admin');
    try {
      const before = await digest();
      expect((await send()).status).toBe(500);
      expect(await digest()).toEqual(before);
    } finally {
      await world.sql('GRANT INSERT ON audit TO stager_api, stager_admin');
    }
  });
});
