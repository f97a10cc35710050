import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { newId } from '../../server/src/core/ids.ts';
import { readConfig } from '../../server/src/infra/config.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { repoRoot } from '../support/stack.ts';
import { startWorld, type World } from './world.ts';

/*
 * A server that can be told not to ask who somebody is will one day be told so in production. Ours cannot: no setting, no
 * variable of the environment and no header does it.
 */
let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

/** Variables by which other servers are told. */
const TEMPTATIONS = {
  NODE_ENV: 'test',
  DISABLE_AUTH: '1',
  AUTH_DISABLED: 'true',
  SKIP_AUTH: 'true',
  NO_AUTH: '1',
  TEST_MODE: '1',
  TEST_USER: 'auth0|owner',
  STAGER_AUTH: 'off',
  STAGER_DISABLE_AUTH: '1',
  STAGER_SKIP_AUTH: '1',
  STAGER_TEST_USER: 'auth0|owner',
  STAGER_INSECURE: '1',
};

/** Every value of every setting that has a few, and the least and the most of those that count. */
const choices = Object.entries(apiConfig.shape).flatMap(([name, schema]) =>
  valuesOf(schema).map((value) => [name, value] as const),
);

function valuesOf(schema: z.ZodType): string[] {
  const shape = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  if (shape.enum) return shape.enum.map(String);
  return shape.minimum === undefined || shape.type === 'string' ? [] : [String(shape.minimum)];
}

/** Those that take another server, another port or another time; nothing of them concerns who may do what. */
const ELSEWHERE = /^STAGER_(OBJECTS|DOORBELL|LIMITER|LOG|PORT|DATABASE_POOL|REDIS|RATE|BODY|DRAIN|HTTP)/;

async function statuses(url: string): Promise<number[]> {
  const expired = world.mint(world.principals.owner, { exp: Math.floor(Date.now() / 1000) - 60 });
  const wishes: Record<string, string>[] = [
    {},
    { authorization: `Bearer ${expired}` },
    { authorization: `Bearer ${world.forge.algNone(world.principals.owner)}` },
    { authorization: `Bearer ${world.principals.owner}` },
    { cookie: `session=${world.mint(world.principals.owner)}` },
    ...[
      'x-test-user',
      'x-test-auth',
      'x-user',
      'x-user-id',
      'x-forwarded-user',
      'x-auth-request-user',
      'x-remote-user',
      'x-stager-user',
      'x-stager-account',
      'x-original-user',
    ].map((header) => ({ [header]: world.principals.owner })),
  ];
  const answers = await Promise.all(wishes.map((headers) => fetch(`${url}/v1/me`, { headers })));
  return answers.map(({ status }) => status);
}

describe('nobody gets in without a good token', () => {
  test.each(choices.filter(([name]) => !ELSEWHERE.test(name)))('%s=%s', async (name, value) => {
    const api = await startApi(readConfig(apiConfig, { ...world.env, ...TEMPTATIONS, [name]: value }));
    try {
      expect(new Set(await statuses(api.url))).toEqual(new Set([401]));
      const good = { authorization: `Bearer ${world.mint(world.principals.owner)}` };
      expect((await fetch(`${api.url}/v1/me`, { headers: good })).status).toBe(200);
    } finally {
      await api.stop();
    }
  });

  test('a token in a query string or a body is none', async () => {
    const token = world.mint(world.principals.owner);
    const asked = await fetch(`${world.url}/v1/me?access_token=${token}`);
    const sent = await fetch(`${world.url}/v1/projects`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'idempotency-key': newId('prj') },
      body: new URLSearchParams({ access_token: token, name: 'x' }),
    });
    expect([asked.status, sent.status]).toEqual([401, 401]);
  });
});

describe('the sources', () => {
  const files = ['server/src', 'worker/src']
    .flatMap((dir) =>
      readdirSync(join(repoRoot, dir), { recursive: true, encoding: 'utf8' }).map((name) => `${dir}/${name}`),
    )
    .filter((path) => path.endsWith('.ts') && !/\.(test|fixture)\.ts$|\/dev\/|\/testing\.ts$/.test(path));
  const holding = (words: RegExp) =>
    files.filter((path) => words.test(readFileSync(join(repoRoot, path), 'utf8')));

  test('read the environment where processes start, and hand it to the schema of their settings', () => {
    const places = holding(/process\.env|\benv\.[A-Z]|from 'node:process'/);
    expect(places.length).toBeGreaterThan(0);
    for (const path of places) expect(path).toMatch(/\/(main|jobs|start\/admin|sandbox\/process)\.ts$/);
  });

  test('ask in which environment they run for one thing only: whether answers are checked', () => {
    const uses = files.flatMap((path) =>
      readFileSync(join(repoRoot, path), 'utf8')
        .split('\n')
        .filter((line) => /STAGER_ENV|NODE_ENV/.test(line))
        .map((line) => `${path}: ${line.trim()}`),
    );
    expect(uses).toEqual([
      'server/src/infra/config.ts: STAGER_ENV: z',
      "server/src/start/api.ts: checkResponses: config.STAGER_ENV !== 'production',",
    ]);
  });
});
