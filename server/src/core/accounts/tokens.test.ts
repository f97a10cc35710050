import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { makeAccount } from '../../../../tests/support/fixtures.ts';
import { TOKEN_PREFIX, TOKENS_MAX, type TokenInput } from '../../contract/index.ts';
import { createPostgresStore } from '../../infra/postgres/index.ts';
import { type Store, StoreUnavailable, TokenRejected } from '../../ports/index.ts';
import type { Act } from '../context.ts';
import { createPersonalTokens } from './personalTokens.ts';
import { isWellFormed, newSecret } from './secrets.ts';
import { createToken } from './tokens.ts';

let database: TestDatabase;
let store: Store;
let accountId: string;
const principal = 'auth0|ann';
beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 2 });
  accountId = await makeAccount(store, principal);
});
afterAll(async () => {
  await store.close();
  await database.drop();
});

const wish: TokenInput = { name: 'CI', scopes: ['images:read'], expiresInDays: 90 };

function make(held: readonly string[], change: Partial<TokenInput> = {}, now = new Date()) {
  return store.account(accountId).transaction((tx) => {
    const caller = { accountId, principal, role: 'member' } as const;
    const act: Act = { tx, caller, credential: { kind: 'login', id: 'cli' }, requestId: 'req', now };
    return createToken(act, { ...wish, ...change }, held);
  });
}

test('nobody hands on a scope that they do not hold', async () => {
  await expect(make(['tokens:write'])).rejects.toMatchObject({
    code: 'insufficient_scope',
    extra: { scope: 'images:read' },
  });
  const { token } = await make(['tokens:write', 'images:read']);
  expect(token.scopes).toEqual(['images:read']);
});

test('a member has so many live ones and no more; those that ended do not count', async () => {
  const past = new Date(Date.now() - 200 * 24 * 3_600_000);
  for (let n = 0; n < 3; n++) await make(['images:read'], {}, past);
  for (let n = 1; n < TOKENS_MAX; n++) await make(['images:read']);
  await expect(make(['images:read'])).rejects.toMatchObject({ code: 'limit_reached' });
});

describe('a secret', () => {
  test('is of the agreed form, and every slip of one character is noticed', () => {
    const secret = newSecret(TOKEN_PREFIX);
    expect(secret).toMatch(/^stgp_[0-9A-Za-z]{39}$/);
    expect(isWellFormed(TOKEN_PREFIX, secret)).toBe(true);
    for (let at = TOKEN_PREFIX.length; at < secret.length; at++) {
      const other = secret[at] === 'x' ? 'y' : 'x';
      expect(isWellFormed(TOKEN_PREFIX, secret.slice(0, at) + other + secret.slice(at + 1))).toBe(false);
    }
    expect(isWellFormed('stgi_', secret)).toBe(false);
    expect(isWellFormed(TOKEN_PREFIX, secret.slice(0, -1))).toBe(false);
  });

  test('takes every character as often as any other', () => {
    const seen = new Map<string, number>();
    const length = 33;
    const secrets = 2_000;
    for (let n = 0; n < secrets; n++) {
      for (const letter of newSecret('').slice(0, length)) seen.set(letter, (seen.get(letter) ?? 0) + 1);
    }
    expect(seen.size).toBe(62);
    const mean = (secrets * length) / 62;
    // Five standard deviations of a fair draw: a bias by the rest of 256 would be twelve.
    for (const count of seen.values()) expect(Math.abs(count - mean)).toBeLessThan(5 * Math.sqrt(mean) + 5);
  });
});

describe('what is known of a token', () => {
  const START = Date.parse('2031-01-01');
  const someone = async (secretHash: string) => ({
    id: `tok_${'0'.repeat(26)}`,
    accountId,
    name: 'CI',
    principal,
    scopes: ['images:read', 'admin:write'],
    createdAt: new Date(0),
    expiresAt: new Date(START + 1_000_000),
    lastUsedAt: null,
    revokedAt: null,
    secretHash,
  });

  function watched(find: typeof someone, touch: () => Promise<void> = async () => undefined) {
    const calls = { find: 0, touch: 0 };
    const clock = { time: START };
    const troubles: unknown[] = [];
    const tokens = {
      ...store.read.tokens,
      findBySecret: (hash: string) => {
        calls.find += 1;
        return find(hash);
      },
      touch: () => {
        calls.touch += 1;
        return touch();
      },
    };
    const verifier = createPersonalTokens({
      store: { ...store, read: { ...store.read, tokens } },
      now: () => clock.time,
      onTrouble: (error) => troubles.push(error),
    });
    return { calls, clock, troubles, verifier };
  }
  const secret = newSecret(TOKEN_PREFIX);

  test('is kept for five seconds, and its use noted once a minute', async () => {
    const { calls, clock, verifier } = watched(someone);
    for (; clock.time < START + 120_000; clock.time += 100) await verifier.verify(secret);
    await verifier.idle();
    expect(calls).toEqual({ find: 24, touch: 2 });
  });

  test('gives no scope that a personal access token may not have, whatever is stored', async () => {
    expect((await watched(someone).verifier.verify(secret)).scopes).toEqual(['images:read']);
  });

  test('ends with its term, also while it is remembered', async () => {
    const { clock, verifier } = watched(someone);
    clock.time = START + 999_999;
    await verifier.verify(secret);
    clock.time = START + 1_000_000;
    await expect(verifier.verify(secret)).rejects.toThrow(TokenRejected);
  });

  test('a look that fails is an outage and is not remembered', async () => {
    let down = true;
    const { verifier } = watched((hash) =>
      down ? Promise.reject(new StoreUnavailable('down')) : someone(hash),
    );
    await expect(verifier.verify(secret)).rejects.toThrow(StoreUnavailable);
    down = false;
    await expect(verifier.verify(secret)).resolves.toMatchObject({ subject: principal });
  });

  test('a use that cannot be noted is no reason to refuse', async () => {
    const failure = new StoreUnavailable('down');
    const { troubles, verifier } = watched(someone, () => Promise.reject(failure));
    await expect(verifier.verify(secret)).resolves.toMatchObject({ subject: principal });
    await verifier.idle();
    expect(troubles).toEqual([failure]);
  });
});
