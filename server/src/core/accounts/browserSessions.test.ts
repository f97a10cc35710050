import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { makeAccount } from '../../../../tests/support/fixtures.ts';
import { createPostgresStore } from '../../infra/postgres/index.ts';
import {
  IssuerUnavailable,
  type LoggedIn,
  LoginRefused,
  type Store,
  type WebLogin,
} from '../../ports/index.ts';
import { DomainError } from '../errors.ts';
import { newId } from '../ids.ts';
import { type BrowserSessions, createBrowserSessions } from './browserSessions.ts';
import { createKeyring } from './keyring.ts';
import { createCallerResolver } from './resolveCaller.ts';
import { secretHash } from './secrets.ts';

const MINUTE = 60_000;
const TOKEN_LIFE = 10 * MINUTE;
/** The request of a login or logout. */
const FROM = { requestId: 'request-1', ip: '192.0.2.7' };

let database: TestDatabase;
let store: Store;
let superuser: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
});
afterAll(async () => {
  await Promise.all([store.close(), superuser.end()]);
  await database.drop();
});

/** Moves with the tests; rows that the database stamps are stamped with the real time, from which it starts. */
let now: number;
/** What the issuer answers, and how often it was asked. */
let renewals: string[];
let issuer: (refreshToken: string) => Promise<Partial<LoggedIn>>;
/** Where tokens are looked at. */
let keys: () => Promise<void>;
let subject: string;
let sessions: BrowserSessions;

const login: Pick<WebLogin, 'renew'> = {
  async renew(refreshToken, of, idToken) {
    renewals.push(refreshToken);
    return { ...given(of), idToken, ...(await issuer(refreshToken)) };
  },
};

function given(of = subject): LoggedIn {
  return {
    subject: of,
    name: 'ann@example.com',
    accessToken: of,
    refreshToken: 'first',
    idToken: 'the id token',
  };
}

beforeEach(async () => {
  now = Date.now();
  renewals = [];
  issuer = async () => ({ refreshToken: `after ${renewals.length}` });
  keys = async () => undefined;
  subject = `auth0|${newId('mem')}`;
  await makeAccount(store, subject);
  sessions = open();
});

function open(): BrowserSessions {
  const clock = { now: () => new Date(now) };
  return createBrowserSessions({
    store,
    callers: createCallerResolver({ store, now: () => now, openSignup: false }),
    keyring: createKeyring(['session-secret-0123456789']),
    // The methods that sessions call.
    login: login as WebLogin,
    async verifyToken(token) {
      await keys();
      return {
        subject: token,
        scopes: ['billing:read'],
        credential: { kind: 'login', id: 'web' },
        accountId: null,
        expiresAt: new Date(now + TOKEN_LIFE),
      };
    },
    clock,
  });
}

async function opened(): Promise<string> {
  const secret = await sessions.open(given(), FROM);
  expect(await sessions.find(secret)).toMatchObject({ name: 'ann@example.com', scopes: ['billing:read'] });
  return secret;
}

/** What is stored of a session. */
async function rowOf(secret: string): Promise<Record<string, unknown> | undefined> {
  const { rows } = await superuser.query('SELECT * FROM browser_sessions WHERE secret_hash = $1', [
    secretHash(secret),
  ]);
  return rows[0];
}

/** Keeps somebody busy, as a person who reads a page every ten minutes. */
async function useUntil(secret: string, end: number): Promise<void> {
  while (now < end) {
    now = Math.min(end, now + 9 * MINUTE);
    if (!(await sessions.find(secret))) return;
  }
}

describe('a session', () => {
  test('is in the database as a hash and what nobody can read, tokens and name included', async () => {
    const secret = await opened();
    const row = JSON.stringify(await rowOf(secret));
    for (const hidden of [secret, 'first', 'the id token', 'ann@example.com'])
      expect(row).not.toContain(hidden);
    const sealed = String((await rowOf(secret))?.['sealed']);
    // Not even with the secrets of the process: the cookie is a part of the key.
    expect(createKeyring(['session-secret-0123456789']).open('session', sealed)).toBeUndefined();
  });

  test('is found by its whole secret alone', async () => {
    const secret = await opened();
    const other = `${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`;
    for (const wrong of ['', 'x', other, secretHash(secret), `${secret} `]) {
      expect(await sessions.find(wrong)).toBeUndefined();
    }
  });

  test('ends when nobody uses it for half an hour', async () => {
    const [left, used] = [await opened(), await opened()];
    now += 29 * MINUTE;
    expect(await sessions.find(used)).toBeDefined();
    now += 2 * MINUTE;
    expect(await sessions.find(left)).toBeUndefined();
    expect(await rowOf(left)).toBeUndefined();
    expect(await sessions.find(used)).toBeDefined();
  });

  test('ends after twelve hours, however much it is used', async () => {
    const secret = await opened();
    const end = now + 12 * 60 * MINUTE;
    await useUntil(secret, end - MINUTE);
    expect(await sessions.find(secret)).toBeDefined();
    now = end;
    expect(await sessions.find(secret)).toBeUndefined();
    expect(await rowOf(secret)).toBeUndefined();
  });

  test('ends within seconds when its person leaves the account, or joins another', async () => {
    const [left, moved] = [await opened(), await opened()];
    const { id: account } = (await store.read.accounts.findByPrincipal(subject))?.account ?? { id: '' };
    const member = await store.read.members.getByPrincipal(account, subject);
    await store.read.members.remove(account, member?.id ?? '');
    now += 6_000;
    expect(await sessions.find(left)).toBeUndefined();
    await makeAccount(store, subject);
    now += 6_000;
    expect(await sessions.find(moved)).toBeUndefined();
    expect(await rowOf(moved)).toBeUndefined();
  });

  test('is told to be suspended within seconds, and goes on when that is over', async () => {
    const secret = await opened();
    const { id: account } = (await store.read.accounts.findByPrincipal(subject))?.account ?? { id: '' };
    await superuser.query('UPDATE accounts SET suspended_at = now() WHERE id = $1', [account]);
    now += 6_000;
    await expect(sessions.find(secret)).rejects.toThrow(DomainError);
    await superuser.query('UPDATE accounts SET suspended_at = NULL WHERE id = $1', [account]);
    now += 6_000;
    expect(await sessions.find(secret)).toBeDefined();
  });

  test('that was ended gives the token that ends the one at the issuer, once', async () => {
    const secret = await opened();
    expect(await sessions.end(secret, FROM)).toBe('the id token');
    expect(await sessions.find(secret)).toBeUndefined();
    expect(await sessions.end(secret, FROM)).toBeUndefined();
  });

  test('leaves in the audit log when it began and when its person ended it, and from where', async () => {
    await sessions.end(await opened(), FROM);
    const { rows } = await superuser.query(
      `SELECT action, role, object_id = credential_id AS own, request_id AS request, ip
         FROM audit JOIN audit_origins ON audit_id = id WHERE principal = $1 ORDER BY id`,
      [subject],
    );
    const entry = { role: 'owner', own: true, request: FROM.requestId, ip: FROM.ip };
    expect(rows).toEqual([
      { ...entry, action: 'session.begin' },
      { ...entry, action: 'session.end' },
    ]);
  });

  test('of a person without an account is none', async () => {
    await expect(sessions.open(given('auth0|nobody'), FROM)).rejects.toThrow(/belongs to no account/);
    const other = { ...given(), accessToken: 'auth0|other' };
    await expect(sessions.open(other, FROM)).rejects.toThrow(LoginRefused);
  });
});

describe('the issuer is asked again', () => {
  const BEFORE_END = TOKEN_LIFE - MINUTE;

  test('before its word ends, with the token that it gave last', async () => {
    const secret = await opened();
    now += BEFORE_END;
    expect(await sessions.find(secret)).toBeDefined();
    now += BEFORE_END;
    expect(await sessions.find(secret)).toBeDefined();
    expect(renewals).toEqual(['first', 'after 1']);
  });

  test('by one of many requests, and the others are served meanwhile', async () => {
    const secret = await opened();
    now += BEFORE_END;
    const { promise, resolve } = Promise.withResolvers<void>();
    issuer = async () => {
      await promise;
      return { refreshToken: 'second' };
    };
    const all = Array.from({ length: 8 }, () => sessions.find(secret));
    const served = await Promise.race(all);
    expect(served).toBeDefined();
    resolve();
    expect((await Promise.all(all)).filter(Boolean)).toHaveLength(8);
    expect(renewals).toEqual(['first']);
  });

  test('by one of many also when its word has ended: the others wait for it', async () => {
    const secret = await opened();
    now += TOKEN_LIFE;
    const all = await Promise.all(Array.from({ length: 8 }, () => sessions.find(secret)));
    expect(all.filter(Boolean)).toHaveLength(8);
    expect(renewals).toEqual(['first']);
  });

  test('and where it says no, the session is over', async () => {
    const secret = await opened();
    now += BEFORE_END;
    issuer = () => Promise.reject(new LoginRefused('invalid_grant'));
    expect(await sessions.find(secret)).toBeUndefined();
    expect(await rowOf(secret)).toBeUndefined();
  });

  test('and where it answers for somebody else, too', async () => {
    const secret = await opened();
    now += BEFORE_END;
    issuer = async () => ({ accessToken: 'auth0|other' });
    expect(await sessions.find(secret)).toBeUndefined();
  });

  test('later, when it is down: nobody is logged out, and nobody is let in on its old word', async () => {
    const secret = await opened();
    issuer = () => Promise.reject(new IssuerUnavailable('down'));
    now += BEFORE_END;
    expect(await sessions.find(secret)).toBeDefined();
    now += 2 * MINUTE;
    await expect(sessions.find(secret)).rejects.toThrow(IssuerUnavailable);
    issuer = async () => ({ refreshToken: 'again' });
    now += MINUTE;
    expect(await sessions.find(secret)).toBeDefined();
  });

  test('with the token that it gave last, also where the rest of its answer could not be looked at', async () => {
    const secret = await opened();
    keys = () => Promise.reject(new IssuerUnavailable('no keys'));
    now += BEFORE_END;
    expect(await sessions.find(secret)).toBeDefined();
    keys = async () => undefined;
    now += MINUTE;
    expect(await sessions.find(secret)).toBeDefined();
    expect(renewals).toEqual(['first', 'after 1']);
  });

  test('never without a refresh token: the session ends with the word', async () => {
    const secret = await sessions.open({ ...given(), refreshToken: null }, FROM);
    now += BEFORE_END;
    expect(await sessions.find(secret)).toBeDefined();
    now += MINUTE;
    expect(await sessions.find(secret)).toBeUndefined();
    expect(renewals).toEqual([]);
  });
});
