import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Role } from '../../server/src/contract/index.ts';
import { newId } from '../../server/src/core/ids.ts';
import { readConfig } from '../../server/src/infra/config.ts';
import { createPostgresStore } from '../../server/src/infra/postgres/index.ts';
import type { Store } from '../../server/src/ports/index.ts';
import { startApi } from '../../server/src/start/api.ts';
import { apiConfig } from '../../server/src/start/config.ts';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { makeAccount } from '../support/fixtures.ts';
import { AUDIENCE, CI, CLI, startTestIssuer, type TestIssuer } from '../support/issuer.ts';
import { startStripeStub } from '../support/stripeStub.ts';
import { makeTempDir } from '../support/tempDir.ts';

const BODY_LIMIT = 20_000;

type Names = Readonly<Record<Role | 'stranger' | 'suspended', string>>;

const FIRST: Names = {
  owner: 'auth0|owner',
  member: `${CI.id}@clients`,
  admin: 'auth0|admin',
  stranger: 'auth0|stranger',
  suspended: 'auth0|suspended',
};

export interface World extends Omit<TestIssuer, 'close'> {
  readonly url: string;
  /** The settings of the API. */
  readonly env: Readonly<Record<string, string>>;
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
  /** As the owner of the schema, past the API. */
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** The real API with its real database and the real issuer of the embedded stack; only limits are raised. */
export async function startWorld(): Promise<World> {
  const dir = makeTempDir('stager-security');
  const { close: closeIssuer, ...issuer } = await startTestIssuer();
  const database = await createTestDatabase();
  const store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  const stripe = await startStripeStub({
    'POST /v1/billing_portal/sessions': () => ({ url: 'https://billing.example/1' }),
  });
  const env = {
    STAGER_ENV: 'test',
    STAGER_LOG_LEVEL: 'silent',
    STAGER_PORT: '0',
    STAGER_DATABASE_URL: database.apiUrl,
    STAGER_RELAY_DATABASE_URL: database.relayUrl,
    STAGER_ADMIN_DATABASE_URL: database.adminUrl,
    STAGER_OBJECTS_DIR: join(dir, 'objects'),
    STAGER_OBJECTS_SECRETS: 'test-secret-0123456789',
    STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
    STAGER_ISSUER: issuer.issuerUrl,
    STAGER_AUDIENCE: AUDIENCE,
    STAGER_CLI_CLIENT_ID: CLI,
    STAGER_STRIPE_SECRET_KEY: 'sk_test_1',
    STAGER_STRIPE_API_URL: stripe.url,
    STAGER_PUBLIC_URL: 'https://stager.example',
    STAGER_WEB_CLIENT_ID: 'stager-web',
    STAGER_WEB_CLIENT_SECRET: 'web-secret-0123456789',
    STAGER_SESSION_SECRETS: 'session-secret-0123456789',
    STAGER_BODY_LIMIT: String(BODY_LIMIT),
    STAGER_DRAIN_SECONDS: '0',
    STAGER_DRAIN_NOTICE_SECONDS: '0',
    ...Object.fromEntries(
      ['READ', 'WRITE', 'STREAM', 'PUBLIC'].map((name) => [`STAGER_RATE_${name}`, '10000000']),
    ),
  };
  const api = await startApi(readConfig(apiConfig, env));
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
    ...issuer,
    url: api.url,
    env,
    database,
    store,
    bodyLimit: BODY_LIMIT,
    ...people,
    sql,
    async close() {
      await api.stop();
      await closeIssuer();
      await stripe.close();
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
  await addMember(store, accounts.ours, principals.admin, 'owner');
  await sql(`UPDATE members SET role = 'admin' WHERE principal = $1`, [principals.admin]);
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
