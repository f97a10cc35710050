import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import {
  aImage,
  anAudit,
  aOriginal,
  aOutput,
  aStripeEvent,
  sha256,
} from '../../../../tests/support/fixtures.ts';
import { account, BIG, DELETED, fillManyRows, id } from '../../../../tests/support/manyRows.ts';
import { createPlanLog, explainEverything, judgePlan } from '../../../../tests/support/plans.ts';
import { exercisesOfReconcile, exercisesOfRuns } from '../../../../tests/support/reconcileStatements.ts';
import { newId } from '../../core/ids.ts';
import type {
  AdminStore,
  AdminTx,
  AuditFilter,
  ImageFilter,
  JobFilter,
  JobStore,
  PaymentJobs,
  ReconcileStore,
  Store,
} from '../../ports/index.ts';
import {
  createPostgresAdminStore,
  createPostgresJobStore,
  createPostgresPaymentJobs,
  createPostgresReconcileStore,
  createPostgresStore,
} from './index.ts';

const PAGE = { limit: 50, after: null };
/** Images of the big account that exist and are not touched by other exercises. */
const READY = [id('img', 90_015), id('img', 90_035), id('img', 90_055), id('img', 90_075)] as const;
const FAILURE = { code: 'x', message: 'x', hint: null, retryable: true };
/** An account of average size: 400 rows; and one without any. */
const [SMALL, EMPTY] = [account(8), account(999)];
/** The project with the oldest images of the big account, and the one with the newest. */
const [OLD, NEW] = [id('prj', 5), id('prj', 10)];

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let admin: AdminStore;
let payments: PaymentJobs;
let runs: ReconcileStore;
const log = createPlanLog();
/** An image of the big account without a unit. */
const REFUNDED = id('img', 90_020);
/** The present one of every account. */
const PERIOD = new Date(new Date().setUTCHours(-24, 0, 0, 0));

beforeAll(async () => {
  database = await createTestDatabase();
  await fillManyRows(database.superuserUrl);
  await explainEverything(database.superuserUrl);
  store = createPostgresStore({ url: database.apiUrl, pool: 2, inspect: log.watch });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 2, inspect: log.watch });
  payments = createPostgresPaymentJobs({ url: database.workerUrl, pool: 2, inspect: log.watch });
  runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 2, inspect: log.watch });
  admin = createPostgresAdminStore({ url: database.adminUrl, pool: 2, inspect: log.watch });
}, 180_000);
afterAll(async () => {
  await store.close();
  await jobs.close();
  await admin.close();
  await payments.close();
  await runs.close();
  await database.drop();
});

function imageFilters(): ImageFilter[] {
  const projects = [undefined, OLD, NEW];
  const states = [undefined, 'queued', 'processing', 'ready', 'error', 'canceled'] as const;
  return projects.flatMap((projectId) => states.map((state) => ({ projectId, state })));
}

/** Runs a method in all ways in which it makes different statements; answers with the rows that it should have. */
type Exercise = () => Promise<unknown>;

async function items<T>(page: Promise<{ items: readonly T[] }>): Promise<readonly T[]> {
  return (await page).items;
}

async function claimed(limit = 1) {
  const taken = await jobs.claim(limit, 60_000);
  expect(taken).toHaveLength(limit);
  const [first] = taken;
  if (!first) throw new Error('nothing was claimed');
  return { ...first, taken };
}

const read = () => store.read;

const OF_STORE: Record<string, Exercise> = {
  'accounts.isEmpty': () => read().accounts.isEmpty(BIG),
  'members.add': () => read().members.add(BIG, { id: newId('mem'), principal: 'auth0|new', role: 'member' }),
  'members.list': async () => [
    await items(read().members.list(BIG, PAGE)),
    await items(read().members.list(SMALL, PAGE)),
  ],
  'members.get': () => read().members.get(BIG, id('mem', 500)),
  'members.getByPrincipal': () => read().members.getByPrincipal(BIG, 'auth0|500'),
  'members.setRole': () => read().members.setRole(BIG, id('mem', 500), 'member'),
  'members.remove': () => read().members.remove(BIG, id('mem', 505)),
  'members.hasOtherOwner': () => read().members.hasOtherOwner(BIG, id('mem', 5)),
  'members.hasOthers': () => read().members.hasOthers(BIG, id('mem', 5)),
  'invitations.create': () =>
    read().invitations.create(BIG, {
      id: newId('inv'),
      secretHash: sha256('new'),
      role: 'member',
      invitedBy: 'auth0|500',
      expiresAt: new Date('2031-01-01'),
    }),
  'invitations.list': async () => [
    await items(read().invitations.list(BIG, PAGE)),
    await items(read().invitations.list(BIG, { limit: 50, after: id('inv', 50_000) })),
  ],
  'invitations.get': () => read().invitations.get(BIG, id('inv', 500)),
  'invitations.countOpen': async () => [await read().invitations.countOpen(BIG, 100)],
  'invitations.revoke': () => read().invitations.revoke(BIG, id('inv', 95_000)),
  'invitations.revokeAllBy': () => read().invitations.revokeAllBy(BIG, 'auth0|505'),
  'invitations.accept': () => read().invitations.accept(BIG, id('inv', 95_005), 'auth0|new'),
  'invitations.findBySecret': async () => [await read().invitations.findBySecret(sha256('500'))],
  'contacts.set': () => read().contacts.set(BIG, newId('inv'), 'ann@example.com'),
  'contacts.move': () => read().contacts.move(BIG, id('inv', 500), id('mem', 500)),
  'contacts.erase': () => read().contacts.erase(BIG, id('inv', 505)),
  'tokens.create': () =>
    read().tokens.create(BIG, {
      id: newId('tok'),
      name: 'CI',
      principal: 'auth0|500',
      scopes: ['images:read'],
      secretHash: sha256('new'),
      expiresAt: new Date('2031-01-01'),
    }),
  'tokens.list': async () => [
    await items(read().tokens.list(BIG, null, PAGE)),
    await items(read().tokens.list(BIG, 'auth0|500', PAGE)),
    await items(read().tokens.list(SMALL, null, { limit: 50, after: id('tok', 50_000) })),
  ],
  'tokens.get': () => read().tokens.get(BIG, id('tok', 500)),
  'tokens.countLive': async () => [await read().tokens.countLive(BIG, 'auth0|500', 50)],
  'tokens.revoke': () => read().tokens.revoke(BIG, [id('tok', 95_000)]),
  'tokens.revokeAllOf': () => read().tokens.revokeAllOf(BIG, 'auth0|505'),
  'tokens.touch': () => read().tokens.touch(BIG, id('tok', 500), new Date()),
  'tokens.findBySecret': async () => [await read().tokens.findBySecret(sha256('500'))],
  'billing.standing': async () => [
    await read().billing.standing(BIG, new Date()),
    await read().billing.standing(EMPTY, new Date()),
  ],
  'billing.lockStanding': () => read().billing.lockStanding(BIG, new Date()),
  'billing.setPayAsYouGo': () => read().billing.setPayAsYouGo(BIG, { enabled: true, cap: 10 }),
  'billing.isPaid': async () => [await read().billing.isPaid(BIG, READY[0])],
  'billing.countReserved': async () => [await read().billing.countReserved(BIG, PERIOD, 10)],
  'billing.periodAt': async () => [await read().billing.periodAt(BIG, PERIOD)],
  'billing.listUsage': async () => [
    await read().billing.listUsage(BIG, PERIOD, PAGE),
    await read().billing.listUsage(BIG, PERIOD, { limit: 50, after: { day: '2999-01-01', projectId: null } }),
  ],
  'stripe.addEvent': () => read().stripe.addEvent(aStripeEvent({ id: 'evt_1' })),
  'stripe.customer': () => read().stripe.customer(BIG),
  'stripe.setCustomer': () => read().stripe.setCustomer(EMPTY, 'cus_new'),
  'stripe.subscription': async () => [
    await read().stripe.subscription(BIG),
    await read().stripe.subscription(EMPTY),
  ],
  'stripe.startWrite': () =>
    read().stripe.startWrite(BIG, { id: newId('stw'), kind: 'portal', ref: 'new', request: {} }),
  'stripe.endWrite': () => read().stripe.endWrite(BIG, id('stw', 100), 'closed', null),
  'stripe.acceptedChange': async () => [await read().stripe.acceptedChange(BIG, 'sub_1')],
  'stripe.openCheckouts': async () => [await read().stripe.openCheckouts(BIG)],
  'browserSessions.create': () =>
    read().browserSessions.create(BIG, {
      id: newId('ses'),
      secretHash: sha256('new'),
      principal: 'auth0|500',
      scopes: ['billing:read'],
      sealed: 's',
      confirmedUntil: new Date('2031-01-01'),
      endsAt: new Date('2031-01-01'),
    }),
  'browserSessions.findBySecret': async () => [await read().browserSessions.findBySecret(sha256('500'))],
  'browserSessions.touch': () => read().browserSessions.touch(BIG, id('ses', 500), new Date()),
  'browserSessions.claimRenewal': () => {
    const [seen, at, until] = [new Date('2020-01-01'), new Date(), new Date('2031-01-01')];
    return read().browserSessions.claimRenewal(BIG, id('ses', 500), seen, at, until);
  },
  'browserSessions.reseal': () => read().browserSessions.reseal(BIG, id('ses', 500), 'sealed'),
  'browserSessions.renew': () =>
    read().browserSessions.renew(BIG, id('ses', 500), {
      scopes: ['billing:read'],
      sealed: 't',
      confirmedUntil: new Date('2031-01-01'),
    }),
  'browserSessions.remove': () => read().browserSessions.remove(BIG, id('ses', 505)),
  'tickets.create': () =>
    read().tickets.create(BIG, {
      id: newId('tkt'),
      plan: 'pro',
      createdBy: 'auth0|500',
      expiresAt: new Date('2031-01-01'),
    }),
  'tickets.get': async () => [await read().tickets.get(BIG, id('tkt', 500))],
  'tickets.use': () => read().tickets.use(BIG, id('tkt', 95_000), 'auth0|500', new Date()),
  'projects.list': async () => [
    await items(read().projects.list(SMALL, PAGE)),
    await items(read().projects.list(BIG, PAGE)),
    await items(read().projects.list(BIG, { limit: 50, after: id('prj', 50_000) })),
  ],
  'projects.get': async () => [await read().projects.get(BIG, OLD)],
  'projects.create': () => read().projects.create(BIG, newId('prj'), 'Brand new'),
  'projects.rename': () => read().projects.rename(BIG, id('prj', 20), 'Another'),
  'projects.lock': () => read().projects.lock(BIG, OLD),
  'projects.hasImages': () => read().projects.hasImages(BIG, OLD),
  'projects.remove': () => read().projects.remove(BIG, id('prj', 25)),
  'uploads.create': () =>
    read().uploads.create(BIG, [
      {
        id: newId('upl'),
        sha256: sha256('x'),
        size: 1,
        contentType: 'image/png',
        objectKey: 'k',
        expiresAt: new Date(),
      },
    ]),
  'uploads.getMany': () =>
    read().uploads.getMany(
      BIG,
      Array.from({ length: 100 }, (_, i) => id('upl', 5 * i + 5)),
    ),
  'uploads.markReady': () =>
    read().uploads.markReady(BIG, [
      { id: id('upl', 10), originalId: id('org', 10) },
      { id: id('upl', 12), originalId: id('org', 12) },
    ]),
  'uploads.extend': () => read().uploads.extend(BIG, [id('upl', 10), id('upl', 14)], new Date('2031-01-01')),
  'uploads.markRejected': () => read().uploads.markRejected(BIG, id('upl', 20), 'x', 'x'),
  'originals.findBySha256': () =>
    read().originals.findBySha256(
      BIG,
      Array.from({ length: 100 }, (_, i) => sha256(String(5 * i + 5))),
    ),
  'originals.getMany': () =>
    read().originals.getMany(
      BIG,
      Array.from({ length: 100 }, (_, i) => id('org', 5 * i + 5)),
    ),
  'originals.upsert': async () => [
    await read().originals.upsert(BIG, [aOriginal()]),
    await read().originals.upsert(BIG, [aOriginal(), { ...aOriginal(), sha256: sha256('5') }]),
  ],
  'images.insert': () => read().images.insert(BIG, [aImage(id('org', 5))]),
  'images.list': async () => {
    const seen = [];
    for (const owner of [BIG, DELETED, SMALL, EMPTY]) {
      for (const filter of imageFilters()) {
        for (const after of [null, id('img', 30_000)]) {
          for (const limit of [1, 50, 100]) {
            seen.push(...(await items(read().images.list(owner, filter, { limit, after }))));
          }
        }
      }
    }
    return [seen];
  },
  'images.get': () => read().images.get(BIG, READY[0]),
  'images.getForUpdate': () => read().images.getForUpdate(BIG, READY[0]),
  'images.findBySpec': async () => [
    await read().images.findBySpec(BIG, [sha256('again')]),
    await read().images.findBySpec(
      BIG,
      Array.from({ length: 100 }, (_, i) => sha256(String(60_015 + 10 * i))),
    ),
  ],
  'images.listUnfinished': async () => {
    const seen = [];
    for (const owner of [BIG, DELETED, SMALL, EMPTY]) {
      for (const filter of [{}, { projectId: OLD }, { projectId: NEW }, { imageId: id('img', 15) }]) {
        for (const limit of [1, 10, 1001]) {
          seen.push(...(await read().images.listUnfinished(owner, filter, limit)));
        }
      }
    }
    return [seen];
  },
  'images.setState': () => read().images.setState(BIG, READY[1], 'canceled', null),
  'images.remove': () => read().images.remove(BIG, READY[2]),
  'jobs.queue': () =>
    read().jobs.queue(BIG, {
      jobs: [{ id: newId('job'), imageId: READY[3], priority: 2, maxAttempts: 3 }],
      reservation: {
        seen: { units: 0, overage: 0 },
        below: Number.POSITIVE_INFINITY,
        period: { start: PERIOD, end: new Date(PERIOD.getTime() + 30 * 86_400_000) },
        at: new Date(),
        projectId: NEW,
        entries: [{ id: newId('led'), imageId: REFUNDED, overage: false }],
        warnedLimit: 10,
        exhaustedLimit: null,
      },
      events: [{ type: 'image.queued', imageId: READY[3], projectId: null, data: {} }],
    }),
  'jobs.revive': () => read().jobs.revive(BIG, [id('job', 4_005)]),
  'jobs.cancelForImage': () => read().jobs.cancelForImage(BIG, id('img', 40_015)),
  'events.append': () =>
    read().events.append(BIG, [{ type: 'image.queued', imageId: READY[0], projectId: null, data: {} }]),
  'events.range': () => read().events.range(BIG),
  'events.read': async () => [
    await read().events.read(SMALL, {}, 0, 20_000, 500),
    await read().events.read(SMALL, { imageId: id('img', 6) }, 0, 20_000, 500),
    await read().events.read(BIG, {}, 1000, 20_000, 500),
    await read().events.read(BIG, { projectId: OLD }, 100, 20_000, 500),
    await read().events.read(BIG, { projectId: NEW }, 0, 20_000, 500),
    await read().events.read(BIG, { imageId: READY[0] }, 0, 20_000, 500),
    await read().events.read(BIG, { imageId: READY[0], projectId: NEW }, 0, 20_000, 500),
  ],
  'outbox.add': () => read().outbox.add([{ kind: 'events', accountId: BIG }]),
  'audit.add': () => read().audit.add(BIG, [anAudit()]),
  'idempotency.tryLock': () => read().idempotency.tryLock(BIG, 'createImages', 'k'),
  'idempotency.get': () => read().idempotency.get(BIG, 'createImages', 'key 50000'),
  'idempotency.put': () =>
    read().idempotency.put(BIG, 'createImages', 'key 5', { bodyHash: 'b', status: 200, response: null }),
  'idempotency.revise': () => read().idempotency.revise(BIG, 'createImages', 'key 5', ['b']),
};

/** Newest rows of the audit log are of this minute, and the oldest is weeks old. */
const hoursAgo = (hours: number) => new Date(Date.now() - hours * 3_600_000);
const inAdmin = <T>(run: (tx: AdminTx) => Promise<T>) => admin.transaction(run);
const jobsOf = (filter: JobFilter, after: string | null = null) =>
  inAdmin((tx) => items(tx.jobs.list(filter, { limit: 50, after })));
const auditOf = (filter: AuditFilter) => inAdmin((tx) => items(tx.log.list(filter, PAGE)));

/** What operators ask beside what the API asks as well. */
const OF_ADMIN: Record<string, Exercise> = {
  'clients.list': () => inAdmin((tx) => tx.clients.list(BIG, PAGE)),
  'clients.add': () =>
    inAdmin((tx) => tx.clients.add(BIG, { id: newId('mem'), principal: 'robot@clients', name: 'Nightly' })),
  'jobs.list': async () => [
    await jobsOf({}),
    await jobsOf({}, id('job', 50_000)),
    await jobsOf({ account: BIG }),
    await jobsOf({ account: SMALL }, id('job', 2_000)),
    await jobsOf({ state: 'queued' }),
    await jobsOf({ state: 'running' }),
    await jobsOf({ state: 'dead' }),
  ],
  'payments.events': () => inAdmin((tx) => tx.payments.events(1)),
  'payments.meters': () => inAdmin((tx) => tx.payments.meters(1)),
  'payments.lastCheck': () => inAdmin((tx) => tx.payments.lastCheck()),
  'jobs.getMany': () => inAdmin((tx) => tx.jobs.getMany([id('job', 500), id('job', 501)])),
  'jobs.listDead': async () => {
    const all = await inAdmin((tx) => tx.jobs.listDead({ limit: 5 }));
    return [all, await inAdmin((tx) => tx.jobs.listDead({ limit: 5, after: all[2]?.id }))];
  },
  'log.eraseOrigins': () => inAdmin((tx) => tx.log.eraseOrigins('auth0|501')),
  'log.list': async () => [
    await auditOf({}),
    await auditOf({ account: BIG }),
    await auditOf({ account: SMALL }),
    await auditOf({ principal: 'auth0|500' }),
    await auditOf({ object: id('img', 500) }),
    await auditOf({ action: 'project.delete' }),
    await auditOf({ since: hoursAgo(0.2) }),
    await auditOf({ account: BIG, since: hoursAgo(200) }),
  ],
};

const ended = () => ({ pendingBefore: new Date(), settledBefore: new Date() });

const OF_JOBS: Record<string, Exercise> = {
  claim: async () => [
    await jobs.claim(1, 60_000),
    await jobs.claim(8, 60_000),
    await jobs.claim(100, 60_000),
  ],
  renew: async () => {
    const { taken } = await claimed(20);
    return jobs.renew(
      taken.map(({ lease }) => lease),
      60_000,
    );
  },
  progress: async () => jobs.progress(await claimed(), 0.5, 'stage'),
  complete: async () => jobs.complete(await claimed(), [aOutput({ name: 'new' })]),
  fail: async () => [
    await jobs.fail(await claimed(), FAILURE, null),
    await jobs.fail(await claimed(), FAILURE, new Date(Date.now() + 60_000)),
  ],
  release: async () => jobs.release(await claimed()),
  reapExpired: async () => {
    expect(await jobs.reapExpired(1)).toEqual({ requeued: 1, dead: 0 });
    expect(await jobs.reapExpired(100)).toEqual({ requeued: 100, dead: 0 });
    return true;
  },
  listDead: async () => [
    await jobs.listDead({ limit: 1 }),
    await jobs.listDead({ limit: 100 }),
    await jobs.listDead({ limit: 100, code: 'x' }),
  ],
  replay: async () => {
    const dead = await jobs.listDead({ limit: 20 });
    return jobs.replay(
      dead.map(({ id: jobId }) => jobId),
      'host:anna',
    );
  },
  listDue: async () => [await jobs.listDue(1), await jobs.listDue(500)],
  msToNextDue: async () => [await jobs.msToNextDue()],
  drainOutbox: async () => {
    expect(await jobs.drainOutbox(['job', 'events'], 100, async () => undefined)).toBe(100);
    expect(await jobs.drainOutbox(['remove_object'], 1, async () => undefined)).toBe(1);
    expect(await jobs.drainOutbox(['job', 'events', 'remove_object'], 500, async () => undefined)).toBe(500);
    return true;
  },
  prune: () => jobs.prune(new Date()),
  listStaleUploads: async () => [
    await jobs.listStaleUploads(ended(), 1),
    await jobs.listStaleUploads(ended(), 100),
  ],
  forgetUploads: async () => {
    await jobs.forgetUploads(ended(), [id('upl', 100), id('upl', 102)]);
    return true;
  },
  check: () => jobs.check(),
};

const OF_PAYMENTS: Record<string, Exercise> = {
  claimEvents: async () => [
    (await payments.claimEvents(1, 60_000))?.events,
    (await payments.claimEvents(100, 60_000))?.events,
  ],
  beginRead: () => payments.beginRead(),
  transaction: () =>
    payments.transaction(async (tx) => {
      const claim = await payments.claimEvents(10, 60_000);
      const ids = await tx.holdEvents(claim?.lease ?? '');
      expect(ids).not.toEqual([]);
      await tx.postponeEvents(ids, new Date(), 'nobody');
      await tx.finishEvents(ids, 'handled', null);
      expect(await tx.lockCustomer(`cus_${'0'.repeat(25)}8`)).toMatchObject({ accountId: SMALL });
      expect((await tx.planStanding(SMALL)).subscriptions).toHaveLength(1);
      await tx.noteSubscribed(SMALL, { plan: 'pro', endsAt: new Date(0) });
      expect(await tx.lockEndedPlan(new Date())).toBe(SMALL);
      await tx.saveSubscriptions(SMALL, { number: 1, beganAt: new Date() }, []);
      await tx.forgetCustomer(SMALL);
      await tx.adoptCustomer(SMALL, 'cus_x', 2);
    }),
  failEvents: async () => {
    const claim = await payments.claimEvents(1, 60_000);
    await payments.failEvents(claim?.lease ?? '', { detail: 'x', retryAt: null, counts: true });
  },
  wakeUnknown: () => payments.wakeUnknown(['cus_1']),
  addMeters: () => payments.addMeters([{ accountId: BIG, entryId: id('led', 5) }]),
  claimMeters: async () => [await payments.claimMeters(1, 60_000), await payments.claimMeters(50, 60_000)],
  markMeterSent: () => payments.markMeterSent(BIG, id('led', 5)),
  failMeter: () => {
    const meter = { accountId: BIG, entryId: id('led', 5), deliveredAt: new Date(), attempts: 1 };
    return payments.failMeter({ ...meter, customerId: null }, { detail: 'x', retryAt: null, counts: true });
  },
  listSubscriptions: async () => [await payments.listSubscriptions([`sub_${'0'.repeat(25)}80`])],
  drainOutbox: () => payments.drainOutbox(['stripe', 'meter'], 10, async () => undefined),
  prune: () => payments.prune(new Date()),
};

/** Whole tables of 200 rows in a few pages: reading all of one is cheaper than an index, and right. */
const WHOLE = new Set([
  'accounts.findByPrincipal',
  'accounts.get',
  'accounts.create',
  'accounts.lock',
  'accounts.lockAlone',
]);

test('every method is exercised', () => {
  const ofStore = Object.entries(store.read).flatMap(([group, methods]) =>
    Object.keys(methods).map((method) => `${group}.${method}`),
  );
  expect([...Object.keys(OF_STORE), ...WHOLE].sort()).toEqual(ofStore.sort());
  expect([...Object.keys(OF_JOBS), 'close'].sort()).toEqual(Object.keys(jobs).sort());
});

async function judge(exercise: Exercise): Promise<void> {
  log.take();
  const found = await exercise();
  for (const part of Array.isArray(found) ? found : [found]) expect(part).not.toEqual([]);
  const ran = log.take();
  const bad = ran.map((statement) => [judgePlan(statement), statement.text]).filter(([j]) => j?.length);
  expect(bad).toEqual([]);
  expect(ran.length).toBeGreaterThan(0);
}

describe('no statement scans, sorts or reads ten times what it returns', () => {
  const ofOperators = { ...OF_ADMIN, ...exercisesOfRuns(() => admin) };
  test.each(Object.entries({ ...OF_STORE, ...OF_JOBS, ...OF_PAYMENTS, ...ofOperators }))(
    '%s',
    (_, exercise) => judge(exercise),
  );
  test.each(Object.entries(exercisesOfReconcile(() => runs)))('reconcile: %s', (_, exercise) =>
    judge(exercise),
  );
});

describe('nor when its plan was made for any values, as Postgres may do for what is prepared', () => {
  beforeAll(async () => {
    await jobs.close();
    const url = new URL(database.workerUrl);
    url.searchParams.set('options', '-c plan_cache_mode=force_generic_plan');
    jobs = createPostgresJobStore({ url: url.href, pool: 2, inspect: log.watch });
  });
  // What is dead was changed by the exercises before, and no value bears on how it is listed.
  const { listDead: _, ...again } = OF_JOBS;
  test.each(Object.entries(again))('%s', (_, exercise) => judge(exercise));
});

const READ_ALL = expect.stringMatching(/^read \d+ rows for \d$/);

test.each([
  ['SELECT id FROM images ORDER BY seed LIMIT 5', ['Sort', 'Seq Scan images', READ_ALL]],
  [`SELECT id FROM images WHERE account_id = '${SMALL}' AND seed = 6`, [READ_ALL]],
  [`SELECT id FROM images WHERE account_id = '${BIG}' AND id = '${READY[0]}'`, []],
])('%s is judged', async (text, verdict) => {
  let pool: Knex | undefined;
  // As the role that sees all accounts.
  const db = createPostgresJobStore({
    url: database.workerUrl,
    pool: 1,
    inspect: (opened) => {
      log.watch(opened);
      pool = opened;
    },
  });
  log.take();
  await pool?.raw('SET max_parallel_workers_per_gather = 0');
  await pool?.raw(text);
  await db.close();
  expect(log.take().flatMap(judgePlan)).toEqual(verdict);
});
