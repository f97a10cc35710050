import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import pg from 'pg';
import { ALL_SCOPES, type Role, type Scope } from '../../server/src/contract/index.ts';
import { newId } from '../../server/src/core/ids.ts';
import { startIssuer } from '../../server/src/dev/issuer/index.ts';
import { openStore } from '../../server/src/dev/issuer/store.ts';
import { readConfig } from '../../server/src/infra/config.ts';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeAccount } from '../support/fixtures.ts';
import { makeTempDir } from '../support/tempDir.ts';

export const AUDIENCE = 'https://api.stager.test';
const CLI = 'stager-cli';
const CI = { id: 'stager-ci', secret: 'ci-secret-0123456789' };
const BODY_LIMIT = 20_000;

type Names = Readonly<Record<Role | 'stranger' | 'suspended', string>>;

const FIRST: Names = {
  owner: 'auth0|owner',
  member: `${CI.id}@clients`,
  admin: 'auth0|admin',
  stranger: 'auth0|stranger',
  suspended: 'auth0|suspended',
};

/** Claims that differ from those of a good token; `undefined` leaves one out. */
export type Claims = Readonly<Record<string, unknown>>;

export interface World {
  readonly url: string;
  readonly issuerUrl: string;
  readonly database: TestDatabase;
  readonly store: Store;
  readonly bodyLimit: number;
  /** Everybody's account, by what they are. */
  readonly accounts: { readonly ours: string; readonly theirs: string; readonly suspended: string };
  /** Principal of our account with this role. */
  readonly principals: Readonly<Record<Role, string>>;
  /** The owner of their account. */
  readonly stranger: string;
  readonly suspended: string;
  /** As the issuer makes them, with its own key. */
  mint(subject: string, claims?: Claims, scopes?: readonly Scope[]): string;
  forge: Forgeries;
  /** A token that the issuer itself has given, by client credentials, to a machine of our account. */
  issued(): Promise<string>;
  idToken(): Promise<string>;
  /** As the owner of the schema, past the API. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

interface Forgeries {
  otherKey(subject: string): string;
  algNone(subject: string): string;
  hs256(subject: string): string;
}

/** The real API with its real database and the real issuer of the embedded stack; only limits are raised. */
export async function startWorld(): Promise<World> {
  const dir = makeTempDir('stager-security');
  const dataFile = join(dir, 'issuer.sqlite');
  const issuer = await startIssuer({
    port: 0,
    audience: AUDIENCE,
    dataFile,
    autoApprove: true,
    scopes: ALL_SCOPES,
    users: [{ id: 'demo', name: 'Demo', email: 'demo@example.com', scopes: ALL_SCOPES }],
    clients: [
      { kind: 'device', id: CLI, name: 'stager CLI' },
      { kind: 'machine', ...CI, name: 'CI', scopes: ALL_SCOPES },
    ],
    log: () => undefined,
  });
  const database = await createTestDatabase();
  const store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  const api = await startApi(
    readConfig(apiConfig, {
      STAGER_ENV: 'test',
      STAGER_LOG_LEVEL: 'silent',
      STAGER_PORT: '0',
      STAGER_DATABASE_URL: database.apiUrl,
      STAGER_ADMIN_DATABASE_URL: database.adminUrl,
      STAGER_OBJECTS_DIR: join(dir, 'objects'),
      STAGER_OBJECTS_SECRETS: 'test-secret-0123456789',
      STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
      STAGER_ISSUER: issuer.issuerUrl,
      STAGER_AUDIENCE: AUDIENCE,
      STAGER_CLI_CLIENT_ID: CLI,
      STAGER_BODY_LIMIT: String(BODY_LIMIT),
      STAGER_DRAIN_SECONDS: '0',
      ...Object.fromEntries(
        ['READ', 'WRITE', 'STREAM', 'PUBLIC'].map((name) => [`STAGER_RATE_${name}`, '10000000']),
      ),
    }),
  );
  const keys = await readKeys(dataFile, issuer.issuerUrl);
  const sql = async (text: string, values: unknown[] = []) => {
    const client = new pg.Client(database.superuserUrl);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(text, values)).rows;
    } finally {
      await client.end();
    }
  };
  const people = await settle(store, sql, FIRST);
  return {
    url: api.url,
    issuerUrl: issuer.issuerUrl,
    database,
    store,
    bodyLimit: BODY_LIMIT,
    ...people,
    mint: (subject, claims = {}, scopes = ALL_SCOPES) =>
      keys.sign({ ...goodClaims(issuer.issuerUrl, subject, scopes), ...claims }),
    forge: forgeries(issuer.issuerUrl, keys),
    issued: () => clientCredentials(issuer.issuerUrl),
    idToken: () => deviceIdToken(issuer.issuerUrl),
    sql,
    async close() {
      await api.stop();
      await issuer.close();
      await store.close();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type People = Pick<World, 'accounts' | 'principals' | 'stranger' | 'suspended'>;

async function settle(store: Store, sql: World['sql'], names: Names): Promise<People> {
  const { stranger, suspended, ...principals } = names;
  const accounts = {
    ours: await makeAccount(store, principals.owner),
    theirs: await makeAccount(store, stranger),
    suspended: await makeAccount(store, suspended),
  };
  await addMember(store, accounts.ours, principals.member, 'member');
  await addMember(store, accounts.ours, principals.admin, 'admin');
  await sql('UPDATE accounts SET suspended_at = now() WHERE id = $1', [accounts.suspended]);
  return { principals, accounts, stranger, suspended };
}

/** The same API with other accounts and people, for whom no quota is used up. */
export async function withNewPeople(world: World): Promise<World> {
  const one = () => `auth0|${randomUUID()}`;
  const names = { owner: one(), member: one(), admin: one(), stranger: one(), suspended: one() };
  return { ...world, ...(await settle(world.store, world.sql, names)) };
}

/** @returns the id of the member */
export async function addMember(
  store: Store,
  account: string,
  principal: string,
  role: Role = 'member',
): Promise<string> {
  const id = newId('mem');
  await store.transaction((tx) => tx.members.add(account, { id, principal, role }));
  return id;
}

function goodClaims(issuer: string, subject: string, scopes: readonly Scope[]): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: AUDIENCE,
    sub: subject,
    azp: CLI,
    scope: scopes.join(' '),
    iat: now,
    exp: now + 3600,
    // No two tokens are the same: one that is remembered as good must not speak for another.
    jti: randomUUID(),
  };
}

interface Keys {
  readonly kid: string;
  readonly publicPem: string;
  sign(claims: Claims): string;
}

/** The issuer's own key, from its file. */
async function readKeys(dataFile: string, issuerUrl: string): Promise<Keys> {
  const file = openStore(dataFile);
  const pem = file.readSecret('signing-key') ?? '';
  file.close();
  const privateKey = createPrivateKey(pem);
  const answer = await fetch(new URL('.well-known/jwks.json', issuerUrl));
  // RFC 7517 section 5
  const { keys } = (await answer.json()) as { keys: { kid: string }[] };
  const kid = keys[0]?.kid ?? '';
  return {
    kid,
    publicPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (claims) => jwt.sign(present(claims), privateKey, { algorithm: 'RS256', keyid: kid }),
  };
}

function present(claims: Claims): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

function forgeries(issuerUrl: string, { kid, publicPem }: Keys): Forgeries {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const forge = (alg: string, subject: string, signature: (input: string) => string) => {
    const parts = [{ alg, kid, typ: 'JWT' }, goodClaims(issuerUrl, subject, ALL_SCOPES)];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${signature(input)}`;
  };
  return {
    otherKey: (subject) =>
      jwt.sign(present(goodClaims(issuerUrl, subject, ALL_SCOPES)), other.privateKey, {
        algorithm: 'RS256',
        keyid: kid,
      }),
    algNone: (subject) => forge('none', subject, () => ''),
    hs256: (subject) =>
      forge('HS256', subject, (input) => createHmac('sha256', publicPem).update(input).digest('base64url')),
  };
}

async function clientCredentials(issuerUrl: string): Promise<string> {
  const answer = await post(new URL('oauth/token', issuerUrl), {
    grant_type: 'client_credentials',
    client_id: CI.id,
    client_secret: CI.secret,
    audience: AUDIENCE,
    scope: ALL_SCOPES.join(' '),
  });
  return String(answer['access_token']);
}

async function deviceIdToken(issuerUrl: string): Promise<string> {
  const started = await post(new URL('oauth/device/code', issuerUrl), {
    client_id: CLI,
    scope: 'openid profile email',
    audience: AUDIENCE,
  });
  const granted = await post(new URL('oauth/token', issuerUrl), {
    client_id: CLI,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(started['device_code']),
  });
  return String(granted['id_token']);
}

async function post(url: URL, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json();
  if (!response.ok || typeof body !== 'object' || body === null) {
    throw new Error(`${url.pathname} answered ${response.status}: ${JSON.stringify(body)}`);
  }
  return { ...body };
}
