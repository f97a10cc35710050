import { afterAll, beforeAll, expect, test } from 'vitest';
import { readConfig } from '../../server/src/infra/config.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { type Client, createClient } from '../support/http.ts';
import { addMember, startWorld, type World } from './world.ts';

/*
 * What ends at one process ends at the others, which nobody tells: what they remember is short-lived. With the times of
 * production.
 */
let world: World;
let elsewhere: Awaited<ReturnType<typeof startApi>>;
beforeAll(async () => {
  world = await startWorld();
  elsewhere = await startApi(readConfig(apiConfig, world.env));
});
afterAll(async () => {
  await elsewhere.stop();
  await world.close();
});

const here = (token: string): Client => createClient(world.url, token);
const there = (token: string): Client => createClient(elsewhere.url, token);

/** Asked again and again, as by a client that keeps what is remembered of it in use. */
const refusal = (client: Client) =>
  expect.poll(async () => (await client.get('/v1/me')).body.code, { interval: 200 });

async function personalToken(): Promise<{ id: string; secret: string }> {
  const owner = here(world.mint(world.principals.owner));
  const { body } = await owner.post('/v1/tokens', { name: 'CI', scopes: ['account:read', 'images:read'] });
  return { id: body.token.id, secret: body.secret };
}

async function stream(token: string): Promise<string> {
  const answer = await fetch(`${elsewhere.url}/v1/events`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(120_000),
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

test('a revoked token, a removed member and a suspended account are refused by the process next door, within seconds', async () => {
  const { ours, theirs } = world.accounts;
  const owner = here(world.mint(world.principals.owner));
  const token = await personalToken();
  const bob = await addMember(world.store, ours, 'auth0|bob');
  const bobs = there(world.mint('auth0|bob'));
  const stranger = world.mint(world.stranger);
  for (const client of [there(token.secret), bobs, there(stranger)]) {
    expect((await client.get('/v1/me')).status).toBe(200);
  }
  // Not awaited: they end when access does.
  const streams = [{ text: stream(token.secret) }, { text: stream(stranger) }];

  expect((await owner.delete(`/v1/tokens/${token.id}`)).status).toBe(204);
  expect((await owner.delete(`/v1/members/${bob}`)).status).toBe(204);
  const operator = here(world.mint(world.principals.admin));
  const suspended = await operator.post(`/v1/admin/accounts/${theirs}/suspend`, { reason: 'unpaid' });
  expect(suspended.status).toBe(200);

  await Promise.all([
    refusal(there(token.secret)).toBe('unauthenticated'),
    refusal(bobs).toBe('no_account'),
    refusal(there(stranger)).toBe('account_suspended'),
  ]);
  // To their ends, which are not the timeout's.
  for (const { text } of streams) expect(await text).toContain('event: snapshot');
});
