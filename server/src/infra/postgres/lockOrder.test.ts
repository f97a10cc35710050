import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../../tests/support/database.ts';
import { aImage, aOutput, makeAccount, queueImages } from '../../../../tests/support/fixtures.ts';
import { type Locks, type Rows, rowsOf, watchLocks } from '../../../../tests/support/locks.ts';
import { makeTempDir } from '../../../../tests/support/tempDir.ts';
import { acceptInvitation, createInvitation, enterByInvitation } from '../../core/accounts/invitations.ts';
import { replayJobs } from '../../core/admin/jobs.ts';
import type { Act } from '../../core/context.ts';
import { newId } from '../../core/ids.ts';
import { addFindings, FIRST_CHECKPOINT } from '../../core/reconcile/findings.ts';
import { repair } from '../../core/reconcile/repair.ts';
import type {
  AdminStore,
  Caller,
  ClaimedJob,
  ClaimedRun,
  JobStore,
  NewFinding,
  ReconcileStore,
  Store,
  Tx,
} from '../../ports/index.ts';
import { createDiskObjects } from '../objects/disk/index.ts';
import {
  createPostgresAdminStore,
  createPostgresJobStore,
  createPostgresReconcileStore,
  createPostgresStore,
} from './index.ts';

// The order in which locks are taken stands in docs/architecture.md. Each test holds what comes later in it, and asks
// what whoever waits for that holds in the meantime.

let database: TestDatabase;
let store: Store;
let jobs: JobStore;
let operators: AdminStore;
let locks: Locks;

beforeAll(async () => {
  database = await createTestDatabase();
  store = createPostgresStore({ url: database.apiUrl, pool: 4 });
  jobs = createPostgresJobStore({ url: database.workerUrl, pool: 4 });
  operators = createPostgresAdminStore({ url: database.adminUrl, pool: 1 });
  locks = await watchLocks(database);
});
afterAll(async () => {
  await Promise.all([store.close(), jobs.close(), operators.close(), locks.close()]);
  await database.drop();
});

beforeEach(() => locks.looker.query(`UPDATE jobs SET state = 'canceled', lease = NULL, lease_until = NULL`));

const account = (id: string): Rows => ({ table: 'accounts', where: 'id = $1', values: [id] });

/** In the order of their ids. */
async function makeAccounts(plan?: string): Promise<[string, string]> {
  const made = [await makeAccount(store, undefined, plan), await makeAccount(store, undefined, plan)].sort();
  return [made[0] ?? '', made[1] ?? ''];
}

async function claimAll(count: number): Promise<ClaimedJob[]> {
  const taken: ClaimedJob[] = [];
  while (taken.length < count) {
    const got = await jobs.claim(count - taken.length, 60_000);
    if (got.length === 0) throw new Error(`${taken.length} of ${count} were claimed`);
    taken.push(...got);
  }
  return taken;
}

function actOf(tx: Tx, caller: Caller): Act {
  return { tx, caller, credential: { kind: 'login', id: null }, requestId: 'r', now: new Date() };
}

async function sell(account: string, images: readonly string[]): Promise<void> {
  await locks.looker.query(`UPDATE ledger SET overage = true WHERE account_id = $1 AND image_id = ANY ($2)`, [
    account,
    images,
  ]);
  for (const table of ['usage_periods', 'usage_days']) {
    await locks.looker.query(`UPDATE ${table} SET overage = $2 WHERE account_id = $1`, [
      account,
      images.length,
    ]);
  }
}

test('an operator who replays jobs of several accounts holds no event head while a place in the line is waited for', async () => {
  const [a, b] = await makeAccounts();
  await queueImages(store, b, 1);
  await queueImages(store, a, 1);
  const failure = { code: 'x', message: 'x', hint: null, retryable: false };
  const dead = await claimAll(2);
  for (const job of dead) await jobs.fail(job, failure, null);
  const caller: Caller = { accountId: a, principal: 'auth0|op', role: 'admin' };
  const replay = () =>
    store.transaction((tx) =>
      replayJobs(
        actOf(tx, caller),
        operators,
        dead.map(({ id }) => id),
      ),
    );
  const { waits, seen, outcome } = await locks.whileHeld(rowsOf('account_turns', b), replay, () =>
    locks.isFree(rowsOf('event_heads', a)),
  );
  expect({ waits, headIsFree: seen }).toEqual({ waits: true, headIsFree: true });
  expect(outcome.map(({ status }) => status)).toEqual(['queued', 'queued']);
  expect(await claimAll(2)).toHaveLength(2);
});

test('whoever prunes events waits for the head of one account with that of no other', async () => {
  const [a, b] = await makeAccounts();
  await queueImages(store, a, 1);
  await queueImages(store, b, 1);
  const later = new Date(Date.now() + 8 * 86_400_000);
  const prune = () => jobs.prune(later);
  const { waits, seen } = await locks.whileHeld(rowsOf('event_heads', b), prune, () =>
    locks.isFree(rowsOf('event_heads', a)),
  );
  expect({ waits, otherHeadIsFree: seen }).toEqual({ waits: true, otherHeadIsFree: true });
  for (const owner of [a, b]) expect((await store.read.events.range(owner)).oldest).toBe(2);
});

test('who moves into another account takes both in the order of their ids, so that two who change places wait in no ring', async () => {
  const [joined, former] = await makeAccounts();
  const principalOf = async (account: string) =>
    (await store.read.members.list(account, { limit: 1, after: null })).items[0]?.principal ?? '';
  const inviter: Caller = { accountId: joined, principal: await principalOf(joined), role: 'owner' };
  const { secret } = await store.transaction((tx) =>
    createInvitation(actOf(tx, inviter), { role: 'member', expiresInDays: 7 }),
  );
  const principal = await principalOf(former);
  const accept = () =>
    store.transaction(async (tx) => {
      const { accountId, role, invitation } = await enterByInvitation(tx, secret);
      return acceptInvitation(actOf(tx, { accountId, principal, role }), invitation);
    });
  const { waits, seen, outcome } = await locks.whileHeld(account(joined), accept, () =>
    locks.isFree(account(former)),
  );
  expect({ waits, formerIsFree: seen }).toEqual({ waits: true, formerIsFree: true });
  expect(outcome).toMatchObject({ principal, role: 'member' });
});

test('a unit above the plan waits for no unit of the plan that somebody settles', async () => {
  const account = await makeAccount(store);
  const made = await queueImages(store, account, 3);
  const taken = await claimAll(3);
  const [inPlan, other, above] = made.map(({ image }) => image.id);
  await sell(account, [above ?? '']);
  const job = taken.find(({ imageId }) => imageId === above);
  if (!job) throw new Error('it was not claimed');
  const unit = { table: 'ledger', where: 'account_id = $1 AND image_id = $2', values: [account, inPlan] };
  const { waits, outcome } = await locks.whileHeld(
    unit,
    () => jobs.complete(job, [aOutput()]),
    async () => true,
  );
  expect({ waits, outcome }).toEqual({ waits: false, outcome: true });
  const { rows } = await locks.looker.query(
    'SELECT image_id AS image FROM ledger WHERE account_id = $1 AND overage',
    [account],
  );
  expect(rows).toEqual([{ image: other }]);
});

test('whoever renews leases waits for no job that somebody holds, and renews the others', async () => {
  const owner = await makeAccount(store);
  await queueImages(store, owner, 2);
  const [busy, free] = await claimAll(2);
  if (!busy || !free) throw new Error('two were claimed');
  const job = { table: 'jobs', where: 'id = $1', values: [busy.id] };
  const renew = () => jobs.renew([busy.lease, free.lease], 3_600_000);
  const { waits, outcome } = await locks.whileHeld(job, renew, async () => true);
  expect({ waits, outcome }).toEqual({ waits: false, outcome: { lost: [], busy: [busy.lease] } });
  const { rows } = await locks.looker.query(
    `SELECT id FROM jobs WHERE lease_until > now() + interval '30 minutes' AND account_id = $1`,
    [owner],
  );
  expect(rows).toEqual([{ id: free.id }]);
});

test('while a repair asks the store about an original, images of it can be made', async () => {
  const owner = await makeAccount(store);
  const [queued] = await queueImages(store, owner, 1);
  const originalId = queued?.image.originalId ?? '';
  const runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 2 });
  onTestFinished(() => runs.close());
  const run = await applyingRun(runs, owner, originalId);
  const act: Parameters<typeof runs.decide>[2] = async (tx, finding) => {
    expect(await tx.lock(finding)).toMatchObject({ id: originalId });
    const making = store.account(owner).transaction((api) => api.images.insert(owner, [aImage(originalId)]));
    expect(await locks.comesToWait(making)).toBe(false);
    expect(await making).toHaveLength(1);
    return { state: 'skipped', outcome: 'It is there.' };
  };
  expect(await runs.decide(run, 1, act)).toBe('held');
  await runs.endAct(run, 'applied', null);
});

test('a repair is done with the store before it holds up what the account writes', async () => {
  const owner = await makeAccount(store);
  const [queued] = await queueImages(store, owner, 1);
  const runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 2 });
  onTestFinished(() => runs.close());
  const run = await applyingRun(runs, owner, queued?.image.originalId ?? '');
  const root = makeTempDir('stager-locks-');
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const objects = createDiskObjects({
    root,
    publicUrl: 'http://127.0.0.1:1',
    secrets: ['locks-secret-0123456789'],
  });
  const asked: boolean[] = [];
  const confirm = async () => void asked.push(await locks.isFree(rowsOf('event_heads', owner)));
  await runs.decide(run, 1, (tx, finding) => repair(objects, run.id, tx, finding, confirm));
  await runs.endAct(run, 'applied', null);
  expect(asked).toEqual([true]);
  expect((await store.read.images.get(owner, queued?.image.id ?? ''))?.state).toBe('error');
});

test('what was put aside is kept on only by whoever has its finding', async () => {
  const owner = await makeAccount(store);
  const [queued] = await queueImages(store, owner, 1);
  const runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 2 });
  onTestFinished(() => runs.close());
  const run = await applyingRun(runs, owner, queued?.image.originalId ?? '');
  const from = { bucket: 'photos', key: 'orphan' } as const;
  const aside = { from, kept: { ...from, key: 'aside' }, etag: 'e' };
  await runs.decide(run, 1, async () => ({ state: 'applied', outcome: 'aside', kept: aside }));
  const [kept] = await runs.keptOf(run.id, 0, 1);
  if (!kept) throw new Error('nothing was put aside');
  const row = (table: string): Rows => ({ table, where: 'run_id = $1', values: [run.id] });
  const keepOn = () => runs.keepOn(kept, 'f', new Date(), 'It has changed.');
  const { waits, seen } = await locks.whileHeld(row('reconcile_findings'), keepOn, () =>
    locks.isFree(row('reconcile_kept')),
  );
  expect({ waits, keptIsFree: seen }).toEqual({ waits: true, keptIsFree: true });
  expect(await runs.keptOf(run.id, 0, 1)).toMatchObject([{ etag: 'f' }]);
  await runs.endAct(run, 'applied', null);
});

/** A run that is to repair an original that it has not found in the store. */
async function applyingRun(runs: ReconcileStore, accountId: string, subject: string): Promise<ClaimedRun> {
  const { rows } = await locks.looker.query<{ version: string }>(
    'SELECT xmin::text AS version FROM originals WHERE account_id = $1 AND id = $2',
    [accountId, subject],
  );
  const id = newId('rec');
  const scope = { projectId: null, accountId, kinds: null, since: null, deep: false };
  await operators.transaction((tx) => tx.reconcile.create(id, { ...scope, requestedBy: 'auth0|op' }));
  const scanning = await runs.claim(60_000);
  if (!scanning) throw new Error('there is no run to claim');
  const finding: NewFinding = {
    ...{
      kind: 'missing_original',
      repair: 'mark_error',
      accountId,
      projectId: null,
      subject,
      bucket: 'photos',
    },
    ...{
      key: `originals/${subject}`,
      version: rows[0]?.version ?? '',
      etag: null,
      expected: null,
      found: null,
    },
  };
  const checkpoint = addFindings(FIRST_CHECKPOINT, [finding]);
  await runs.saveScan(scanning, checkpoint, scanning.progress, [finding], 60_000);
  await runs.endScan(scanning, { state: 'scanned', reason: null, changesMax: 20 });
  await operators.transaction((tx) => tx.reconcile.queue(id, 'apply', 'auth0|op', false));
  const applying = await runs.claim(60_000);
  if (!applying) throw new Error('there is no run to claim');
  return applying;
}
