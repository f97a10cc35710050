import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import {
  addOriginal,
  addSubscription,
  aImage,
  anAudit,
  aOriginal,
  aOutput,
  makeAccount,
  queueImages,
  sha256,
} from '../../../../tests/support/fixtures.ts';
import { periodOf } from '../../core/billing/period.ts';
import { newId } from '../../core/ids.ts';
import type { JobStore, Store, Tx } from '../../ports/index.ts';
import { createPostgresJobStore, createPostgresStore } from './index.ts';

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let admin: pg.Client;
/** Owns everything that is named here. */
let victim: string;
let intruder: string;
let intruderMember: string;
const VICTIM = 'auth0|victim';
const INTRUDER = 'auth0|intruder';
const mine = {
  member: '',
  invitation: newId('inv'),
  token: newId('tok'),
  project: newId('prj'),
  upload: newId('upl'),
  write: newId('stw'),
  session: newId('ses'),
  ticket: newId('tkt'),
  original: '',
  queued: '',
  dead: '',
  ready: '',
  sha: '',
  spec: '',
  period: new Date(0),
};

beforeAll(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.superuserUrl);
  await admin.connect();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 4 });
  victim = await makeAccount(store, VICTIM);
  intruder = await makeAccount(store, INTRUDER);
  mine.member = (await store.read.members.getByPrincipal(victim, VICTIM))?.id ?? '';
  intruderMember = (await store.read.members.getByPrincipal(intruder, INTRUDER))?.id ?? '';
  await store.read.invitations.create(victim, {
    id: mine.invitation,
    secretHash: sha256('invitation'),
    role: 'owner',
    invitedBy: VICTIM,
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  await store.read.contacts.set(victim, mine.invitation, 'ann@example.com');
  await store.read.tokens.create(victim, {
    id: mine.token,
    name: 'CI',
    principal: VICTIM,
    scopes: ['images:read'],
    secretHash: sha256('token'),
    expiresAt: new Date(Date.now() + 3_600_000),
  });
  await store.read.projects.create(victim, mine.project, 'Listing');
  await store.read.stripe.setCustomer(victim, 'cus_victim');
  await store.read.stripe.startWrite(victim, { id: mine.write, kind: 'checkout', ref: 't', request: {} });
  await addSubscription(database, victim);
  await store.read.browserSessions.create(victim, aSession(mine.session, VICTIM));
  await store.read.tickets.create(victim, aTicket(mine.ticket, VICTIM));
  await queueImages(store, victim, 1, { projectId: mine.project });
  const [job] = await jobs.claim(1, 60_000);
  if (!job) throw new Error('nothing was claimed');
  await jobs.complete(job, [aOutput()]);
  await queueImages(store, victim, 1, { projectId: mine.project });
  const [dead] = await jobs.claim(1, 60_000);
  if (!dead) throw new Error('nothing was claimed');
  await jobs.fail(dead, { code: 'x', message: 'x', hint: null, retryable: false }, null);
  const [queued] = await queueImages(store, victim, 1, { projectId: mine.project });
  const original = await addOriginal(store.read, victim);
  const image = aImage(original.id);
  await store.read.images.insert(victim, [image]);
  await store.read.uploads.create(victim, [
    {
      id: mine.upload,
      sha256: original.sha256,
      size: 1,
      contentType: 'image/png',
      objectKey: 'k',
      expiresAt: new Date(),
    },
  ]);
  await store.read.idempotency.put(victim, 'op', 'key', { bodyHash: 'b', status: 200, response: 1 });
  Object.assign(mine, {
    original: original.id,
    sha: original.sha256,
    spec: image.specHash,
    ready: job.imageId,
    queued: queued?.image.id,
    dead: dead.id,
    period: periodOf(null, new Date()).start,
  });
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), admin.end()]);
  await database.drop();
});

function aSession(id: string, principal: string) {
  const later = new Date(Date.now() + 3_600_000);
  const rest = { scopes: [], sealed: 'x', confirmedUntil: later, endsAt: later };
  return { id, principal, secretHash: sha256(id), ...rest };
}

function aTicket(id: string, createdBy: string) {
  return { id, plan: 'pro' as const, expiresAt: new Date(Date.now() + 3_600_000), createdBy };
}

const PAGE = { limit: 10, after: null };
const EMPTY_PAGE = { items: [], next: null };

type Call = (owner: string, on: Tx) => Promise<unknown>;

/** Each call as the intruder makes it, naming what is the victim's, and what it is answered. */
const ATTEMPTS: Record<string, [call: Call, answer: unknown]> = {
  'accounts.lock': [(by, on) => on.accounts.lock(by), undefined],
  'accounts.lockAlone': [(by, on) => on.accounts.lockAlone(by), undefined],
  'accounts.isEmpty': [(by, on) => on.accounts.isEmpty(by), true],
  'members.list': [(by, on) => on.members.list(by, { limit: 10, after: mine.member }), EMPTY_PAGE],
  'members.get': [(by, on) => on.members.get(by, mine.member), undefined],
  'members.getByPrincipal': [(by, on) => on.members.getByPrincipal(by, VICTIM), undefined],
  'members.setRole': [(by, on) => on.members.setRole(by, mine.member, 'admin'), undefined],
  'members.remove': [(by, on) => on.members.remove(by, mine.member), undefined],
  'members.hasOtherOwner': [(by, on) => on.members.hasOtherOwner(by, intruderMember), false],
  'members.hasOthers': [(by, on) => on.members.hasOthers(by, intruderMember), false],
  'invitations.list': [(by, on) => on.invitations.list(by, PAGE), EMPTY_PAGE],
  'invitations.get': [(by, on) => on.invitations.get(by, mine.invitation), undefined],
  'invitations.countOpen': [(by, on) => on.invitations.countOpen(by, 10), 0],
  'invitations.revoke': [(by, on) => on.invitations.revoke(by, mine.invitation), false],
  'invitations.revokeAllBy': [(by, on) => on.invitations.revokeAllBy(by, VICTIM), []],
  'invitations.accept': [(by, on) => on.invitations.accept(by, mine.invitation, 'auth0|eve'), false],
  'contacts.move': [(by, on) => on.contacts.move(by, mine.invitation, 'x'), undefined],
  'contacts.erase': [(by, on) => on.contacts.erase(by, mine.invitation), undefined],
  'tokens.list': [(by, on) => on.tokens.list(by, null, PAGE), EMPTY_PAGE],
  'tokens.get': [(by, on) => on.tokens.get(by, mine.token), undefined],
  'tokens.countLive': [(by, on) => on.tokens.countLive(by, VICTIM, 10), 0],
  'tokens.revoke': [(by, on) => on.tokens.revoke(by, [mine.token]), []],
  'tokens.revokeAllOf': [(by, on) => on.tokens.revokeAllOf(by, VICTIM), []],
  'tokens.touch': [(by, on) => on.tokens.touch(by, mine.token, new Date()), undefined],
  'billing.countReserved': [(by, on) => on.billing.countReserved(by, mine.period, 10), 0],
  'billing.periodAt': [(by, on) => on.billing.periodAt(by, mine.period), undefined],
  'billing.listUsage': [(by, on) => on.billing.listUsage(by, mine.period, PAGE), []],
  'stripe.customer': [(by, on) => on.stripe.customer(by), { customerId: null, formerCustomerId: null }],
  'stripe.subscription': [(by, on) => on.stripe.subscription(by), undefined],
  'stripe.acceptedChange': [(by, on) => on.stripe.acceptedChange(by, 'sub_victim'), undefined],
  'stripe.openCheckouts': [(by, on) => on.stripe.openCheckouts(by), []],
  'stripe.endWrite': [(by, on) => on.stripe.endWrite(by, mine.write, 'failed', null), undefined],
  'billing.lockStanding': [
    (by, on) => on.billing.lockStanding(by, new Date()).then(() => undefined),
    undefined,
  ],
  'billing.isPaid': [(by, on) => on.billing.isPaid(by, mine.ready), false],
  'browserSessions.touch': [
    (by, on) => on.browserSessions.touch(by, mine.session, new Date('2031-01-01')),
    undefined,
  ],
  'browserSessions.claimRenewal': [
    (by, on) => on.browserSessions.claimRenewal(by, mine.session, new Date(), new Date(), new Date()),
    false,
  ],
  'browserSessions.reseal': [(by, on) => on.browserSessions.reseal(by, mine.session, 'stolen'), undefined],
  'browserSessions.renew': [
    (by, on) =>
      on.browserSessions.renew(by, mine.session, {
        scopes: ['x'],
        sealed: 'stolen',
        confirmedUntil: new Date('2031-01-01'),
      }),
    undefined,
  ],
  'browserSessions.remove': [(by, on) => on.browserSessions.remove(by, mine.session), undefined],
  'tickets.get': [(by, on) => on.tickets.get(by, mine.ticket), undefined],
  'tickets.use': [(by, on) => on.tickets.use(by, mine.ticket, INTRUDER, new Date()), false],
  'projects.list': [(by, on) => on.projects.list(by, PAGE), { items: [], next: null }],
  'projects.get': [(by, on) => on.projects.get(by, mine.project), undefined],
  'projects.rename': [(by, on) => on.projects.rename(by, mine.project, 'Stolen'), undefined],
  'projects.lock': [(by, on) => on.projects.lock(by, mine.project), false],
  'projects.hasImages': [(by, on) => on.projects.hasImages(by, mine.project), false],
  'projects.remove': [(by, on) => on.projects.remove(by, mine.project), undefined],
  'uploads.getMany': [(by, on) => on.uploads.getMany(by, [mine.upload]), []],
  'uploads.markReady': [
    (by, on) => on.uploads.markReady(by, [{ id: mine.upload, originalId: mine.original }]),
    undefined,
  ],
  'uploads.extend': [(by, on) => on.uploads.extend(by, [mine.upload], new Date('2031-01-01')), []],
  'uploads.markRejected': [(by, on) => on.uploads.markRejected(by, mine.upload, 'x', 'x'), undefined],
  'originals.findBySha256': [(by, on) => on.originals.findBySha256(by, [mine.sha]), []],
  'originals.getMany': [(by, on) => on.originals.getMany(by, [mine.original]), []],
  'images.list': [
    (by, on) => on.images.list(by, { projectId: mine.project }, PAGE),
    { items: [], next: null },
  ],
  'images.get': [(by, on) => on.images.get(by, mine.ready), undefined],
  'images.getForUpdate': [(by, on) => on.images.getForUpdate(by, mine.ready), undefined],
  'images.findBySpec': [(by, on) => on.images.findBySpec(by, [mine.spec]), []],
  'images.listUnfinished': [(by, on) => on.images.listUnfinished(by, { imageId: mine.queued }, 10), []],
  'images.remove': [(by, on) => on.images.remove(by, mine.ready), undefined],
  'jobs.revive': [(by, on) => on.jobs.revive(by, [mine.dead]), []],
  'jobs.cancelForImage': [(by, on) => on.jobs.cancelForImage(by, mine.queued), undefined],
  'events.range': [(by, on) => on.events.range(by), { oldest: 0, head: 0 }],
  'events.read': [(by, on) => on.events.read(by, { imageId: mine.ready }, 0, 100, 100), []],
  'idempotency.revise': [(by, on) => on.idempotency.revise(by, 'op', 'key', 'stolen'), undefined],
  'idempotency.get': [(by, on) => on.idempotency.get(by, 'op', 'key'), undefined],
};

/** Calls that must fail as a whole, since they would tie something to what is the victim's. */
const REFUSED: Record<string, Call> = {
  'images.setState': (by, on) => on.images.setState(by, mine.ready, 'queued', null),
  'images.insert': (by, on) => on.images.insert(by, [aImage(mine.original)]),
  'jobs.queue': (by, on) =>
    on.jobs.queue(by, {
      jobs: [{ id: newId('job'), imageId: mine.ready, priority: 0, maxAttempts: 1 }],
      reservation: {
        seen: { units: 0, overage: 0 },
        below: Number.POSITIVE_INFINITY,
        period: { start: mine.period, end: new Date() },
        at: new Date(),
        projectId: null,
        entries: [{ id: newId('led'), imageId: mine.ready, overage: false }],
        warnedLimit: null,
        exhaustedLimit: null,
      },
      events: [{ type: 'image.queued', imageId: mine.ready, projectId: null, data: {} }],
    }),
};

/** All they write is the owner's by its argument. Behind the second wall, nobody writes in the name of another. */
const OF_THE_NAMED: Record<string, Call> = {
  'accounts.create': (by, on) => on.accounts.create(by, { name: 'x', plan: 'x' }),
  'members.add': (by, on) => on.members.add(by, { id: newId('mem'), principal: 'x', role: 'owner' }),
  'invitations.create': (by, on) =>
    on.invitations.create(by, {
      id: newId('inv'),
      secretHash: sha256('x'),
      role: 'owner',
      invitedBy: INTRUDER,
      expiresAt: new Date(),
    }),
  'contacts.set': (by, on) => on.contacts.set(by, 'x', 'x@example.com'),
  'tokens.create': (by, on) =>
    on.tokens.create(by, {
      id: newId('tok'),
      name: 'x',
      principal: VICTIM,
      scopes: ['images:read'],
      secretHash: sha256('y'),
      expiresAt: new Date(),
    }),
  'billing.setPayAsYouGo': (by, on) => on.billing.setPayAsYouGo(by, { enabled: true, cap: null }),
  'browserSessions.create': (by, on) => on.browserSessions.create(by, aSession(newId('ses'), VICTIM)),
  'tickets.create': (by, on) => on.tickets.create(by, aTicket(newId('tkt'), INTRUDER)),
  'stripe.setCustomer': (by, on) => on.stripe.setCustomer(by, 'cus_other'),
  'stripe.startWrite': (by, on) =>
    on.stripe.startWrite(by, { id: newId('stw'), kind: 'portal', ref: 'x', request: {} }),
  'projects.create': (by, on) => on.projects.create(by, newId('prj'), 'x'),
  'uploads.create': (by, on) =>
    on.uploads.create(by, [
      {
        id: newId('upl'),
        sha256: mine.sha,
        size: 1,
        contentType: 'x',
        objectKey: 'x',
        expiresAt: new Date(),
      },
    ]),
  'originals.upsert': (by, on) => on.originals.upsert(by, [aOriginal()]),
  'events.append': (by, on) =>
    on.events.append(by, [{ type: 'image.queued', imageId: mine.ready, projectId: null, data: {} }]),
  'audit.add': (by, on) => on.audit.add(by, [anAudit()]),
  'idempotency.put': (by, on) =>
    on.idempotency.put(by, 'op', 'other', { bodyHash: 'b', status: 200, response: 1 }),
};

/** They lead to an account by what only its own people know, or touch nothing of any. */
const OF_NOBODY = [
  'accounts.findByPrincipal',
  'accounts.get',
  'billing.standing',
  'invitations.findBySecret',
  'tokens.findBySecret',
  'browserSessions.findBySecret',
  'outbox.add',
  'stripe.addEvent',
  'idempotency.tryLock',
];

/** Everything that there is, as text. */
async function everything(): Promise<string> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const all: unknown[] = [];
  for (const { name } of tables) {
    const { rows } = await admin.query(
      `SELECT t::text AS row FROM ${pg.escapeIdentifier(name)} t ORDER BY 1`,
    );
    all.push(name, ...rows);
  }
  return JSON.stringify(all);
}

describe('what belongs to another account is as if it were not there', () => {
  test('every method is accounted for', () => {
    const methods = Object.entries(store.read).flatMap(([group, of]) =>
      Object.keys(of).map((method) => `${group}.${method}`),
    );
    const named = [
      ...Object.keys(ATTEMPTS),
      ...Object.keys(REFUSED),
      ...Object.keys(OF_THE_NAMED),
      ...OF_NOBODY,
    ];
    expect(named.sort()).toEqual(methods.sort());
  });

  test.each(Object.entries(ATTEMPTS))('%s', async (_, [call, answer]) => {
    const before = await everything();
    expect(await call(intruder, store.read)).toEqual(answer);
    expect(await everything()).toBe(before);
  });

  test.each(Object.entries(REFUSED))('%s', async (_, call) => {
    const before = await everything();
    await expect(call(intruder, store.read)).rejects.toThrow();
    expect(await everything()).toBe(before);
  });

  describe('also when the first wall is gone: statements that name the victim as their owner', () => {
    test.each(Object.entries(ATTEMPTS))('%s', async (_, [call, answer]) => {
      const before = await everything();
      expect(await call(victim, store.account(intruder).read)).toEqual(answer);
      expect(await store.account(intruder).transaction((tx) => call(victim, tx))).toEqual(answer);
      expect(await everything()).toBe(before);
    });

    test.each(Object.entries({ ...REFUSED, ...OF_THE_NAMED }))('%s', async (_, call) => {
      const before = await everything();
      await expect(call(victim, store.account(intruder).read)).rejects.toThrow();
      await expect(store.account(intruder).transaction((tx) => call(victim, tx))).rejects.toThrow();
      expect(await everything()).toBe(before);
    });
  });

  test('the same bytes make an original of one’s own', async () => {
    const own = await addOriginal(store.read, intruder, { ...aOriginal(), sha256: mine.sha });
    expect(own.id).not.toBe(mine.original);
    expect(await store.read.originals.findBySha256(intruder, [mine.sha])).toEqual([own]);
  });

  test('the owner is told what the intruder is not', async () => {
    expect(await store.read.images.get(victim, mine.ready)).toMatchObject({ state: 'ready' });
    expect(await store.read.projects.hasImages(victim, mine.project)).toBe(true);
    expect(await store.read.idempotency.get(victim, 'op', 'key')).toBeDefined();
  });
});

describe('roles', () => {
  async function as(url: string, statement: string): Promise<string> {
    const client = new pg.Client(url);
    await client.connect();
    try {
      await client.query(statement);
      return 'done';
    } catch (error) {
      return error instanceof Error && 'code' in error ? String(error.code) : String(error);
    } finally {
      await client.end();
    }
  }
  const DENIED = '42501';

  test.each([
    'UPDATE audit SET action = action',
    'DELETE FROM audit',
    'TRUNCATE audit',
    'DELETE FROM images',
    'UPDATE images SET account_id = account_id',
    'UPDATE jobs SET account_id = account_id',
    'UPDATE events SET data = data',
    'DELETE FROM accounts',
    'ALTER TABLE images ADD COLUMN x integer',
    'DROP TABLE audit',
    'CREATE TABLE mine (id integer)',
    'INSERT INTO schema_migrations VALUES (99, $$x$$, $$x$$)',
  ])('neither API nor worker nor operators may: %s', async (statement) => {
    expect(await as(database.apiUrl, statement)).toBe(DENIED);
    expect(await as(database.workerUrl, statement)).toBe(DENIED);
    expect(await as(database.adminUrl, statement)).toBe(DENIED);
  });

  test('the worker does not see who belongs to which account, nor kept answers change', async () => {
    expect(await as(database.workerUrl, 'SELECT * FROM members')).toBe(DENIED);
    expect(await as(database.workerUrl, 'UPDATE idempotency_keys SET response = NULL')).toBe(DENIED);
    expect(await as(database.apiUrl, 'DELETE FROM events')).toBe(DENIED);
  });

  test('no connection of ours is a superuser or passes row-level security', async () => {
    const { rows } = await admin.query(
      `SELECT rolname FROM pg_roles WHERE rolname IN ('stager_owner', 'stager_api', 'stager_worker', 'stager_relay', 'stager_admin')
          AND NOT (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)`,
    );
    expect(rows).toHaveLength(5);
    const { rows: owned } = await admin.query(
      `SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) ~ '^stager_(api|worker|relay|admin)$'`,
    );
    expect(owned).toEqual([]);
  });
});
