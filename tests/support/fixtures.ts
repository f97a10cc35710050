import { hash } from 'node:crypto';
import pg from 'pg';
import type { ImageEvent } from '../../server/src/contract/index.ts';
import { grantAdmin } from '../../server/src/core/admin/grantAdmin.ts';
import { periodOf } from '../../server/src/core/billing/period.ts';
import { newId } from '../../server/src/core/ids.ts';
import { addFindings, FIRST_CHECKPOINT } from '../../server/src/core/reconcile/findings.ts';
import {
  createPostgresAdminStore,
  createPostgresJobStore,
  createPostgresReconcileStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import type {
  ImageRow,
  NewAudit,
  NewImage,
  OriginalRow,
  OutputRow,
  Store,
  StripeEvent,
  SubscriptionRow,
  Tx,
} from '../../server/src/ports/index.ts';
import type { TestDatabase } from './database.ts';

export function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

export async function makeAccount(
  store: Store,
  principal = `auth0|${newId('acc')}`,
  plan = 'dev',
): Promise<string> {
  const id = newId('acc');
  await store.transaction(async (tx) => {
    await tx.accounts.create(id, { name: 'Test', plan });
    await tx.members.add(id, { id: newId('mem'), principal, role: 'owner' });
  });
  return id;
}

/** As when Stripe has told of it: the account pays for a plan since yesterday. */
export async function subscribe(
  database: TestDatabase,
  account: string,
  plan: 'pro' | 'business',
  wish: { readonly status?: string; readonly cancelAtPeriodEnd?: boolean } = {},
): Promise<void> {
  const client = new pg.Client(database.superuserUrl);
  await client.connect();
  const { status = 'active', cancelAtPeriodEnd = false } = wish;
  try {
    await client.query(
      `INSERT INTO billing_accounts (account_id, customer_id) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
      [account, `cus_${account}`],
    );
    await client.query(
      `INSERT INTO subscriptions
         (account_id, id, plan, status, period_start, period_end, cancel_at_period_end, past_due_since, synced_at)
       VALUES ($1, $2, $3, $4, now() - interval '1 day', now() + interval '29 days', $5,
               CASE WHEN $4 = 'past_due' THEN now() END, now())
       ON CONFLICT (account_id, id) DO UPDATE
          SET plan = $3, status = $4, cancel_at_period_end = $5, past_due_since = excluded.past_due_since`,
      [account, `sub_${account}`, plan, status, cancelAtPeriodEnd],
    );
  } finally {
    await client.end();
  }
}

/** As on the host. */
export async function makeAdmin(database: TestDatabase, principal: string): Promise<void> {
  const admin = createPostgresAdminStore({ url: database.adminUrl, pool: 1 });
  await admin
    .transaction((tx) => grantAdmin({ tx, principal: 'host:test' }, principal))
    .finally(() => admin.close());
}

export function anAudit(wish: Partial<NewAudit> = {}): NewAudit {
  const credential = { kind: 'login', id: 'cli' } as const;
  const nothing = { objectId: null, detail: null, requestId: null, ip: '192.0.2.7' };
  return { principal: 'auth0|ann', role: 'owner', credential, action: 'project.create', ...nothing, ...wish };
}

export function aOriginal(): Omit<OriginalRow, 'createdAt'> {
  const id = newId('org');
  return {
    id,
    sha256: sha256(id),
    size: 123_456,
    contentType: 'image/jpeg',
    width: 400,
    height: 300,
    objectKey: `originals/${id}`,
  };
}

export function aImage(originalId: string, wish: Partial<NewImage> = {}): NewImage {
  const id = newId('img');
  return {
    id,
    projectId: null,
    originalId,
    name: 'kitchen.jpg',
    engine: 'finish',
    roomType: null,
    style: null,
    seed: 4_294_967_295,
    variation: 0,
    params: { longEdge: 2048, format: 'jpeg' },
    layout: null,
    specHash: sha256(id),
    ...wish,
  };
}

export function aOutput(wish: Partial<OutputRow> = {}): OutputRow {
  return {
    name: 'finished',
    contentType: 'image/jpeg',
    size: 5_000_000_000,
    sha256: sha256('output'),
    width: 400,
    height: 300,
    objectKey: `outputs/${newId('img')}`,
    ...wish,
  };
}

/** @returns the row of one original, made or found */
export async function addOriginal(
  tx: Pick<Tx, 'originals'>,
  owner: string,
  original: Omit<OriginalRow, 'createdAt'> = aOriginal(),
): Promise<OriginalRow> {
  const [row] = await tx.originals.upsert(owner, [original]);
  if (!row) throw new Error('no original was made');
  return row;
}

export interface QueueOptions {
  readonly projectId?: string | null;
  readonly priority?: number;
  readonly maxAttempts?: number;
}

/** Makes images that wait for a worker, as the command does: row, job, unit, outbox, event in one transaction. */
export async function queueImages(
  store: Store,
  owner: string,
  count: number,
  { projectId = null, priority = 1, maxAttempts = 3 }: QueueOptions = {},
): Promise<{ image: ImageRow; jobId: string }[]> {
  return store.transaction(async (tx) => {
    const original = await addOriginal(tx, owner);
    const images = Array.from({ length: count }, () => aImage(original.id, { projectId }));
    const rows = await tx.images.insert(owner, images);
    const queued = rows.map((image) => ({ image, jobId: newId('job') }));
    await tx.jobs.queue(owner, {
      jobs: queued.map(({ image, jobId }) => ({ id: jobId, imageId: image.id, priority, maxAttempts })),
      reservation: {
        seen: { units: 0, overage: 0 },
        below: Number.POSITIVE_INFINITY,
        period: periodOf(null, new Date()),
        at: new Date(),
        projectId,
        entries: rows.map((image) => ({ id: newId('led'), imageId: image.id, overage: false })),
        warnedLimit: null,
        exhaustedLimit: null,
      },
      events: rows.map((image) => ({
        type: 'image.queued',
        imageId: image.id,
        projectId: image.projectId,
        data: queuedEvent(image),
      })),
    });
    await tx.outbox.add([
      ...queued.map(({ jobId }) => ({ kind: 'job', jobId }) as const),
      { kind: 'events', accountId: owner },
    ]);
    return queued;
  });
}

function queuedEvent(image: ImageRow): ImageEvent {
  const at = image.createdAt.toISOString();
  return {
    type: 'image.queued',
    imageId: image.id,
    projectId: image.projectId,
    state: 'queued',
    attempt: 0,
    at,
  };
}

/** All that was ever published for an account, oldest first. */
export async function allEvents(store: Store, owner: string): Promise<{ seq: number; data: ImageEvent }[]> {
  const { oldest, head } = await store.read.events.range(owner);
  const rows = await store.read.events.read(owner, {}, Math.max(0, oldest - 1), head, 100_000);
  // The suite of the store checks the shape against the contract.
  return rows.map(({ seq, data }) => ({ seq, data: data as ImageEvent }));
}

export async function cancel(store: Store, owner: string, imageId: string): Promise<void> {
  await store.transaction(async (tx) => {
    await tx.images.getForUpdate(owner, imageId);
    await tx.jobs.cancelForImage(owner, imageId);
    const image = await tx.images.setState(owner, imageId, 'canceled', null);
    const data: ImageEvent = { ...queuedEvent(image), type: 'image.canceled', state: 'canceled' };
    await tx.events.append(owner, [{ type: data.type, imageId, projectId: image.projectId, data }]);
  });
}

/** A run that has put an object of the account aside. */
async function fillReconcile(database: TestDatabase, accountId: string): Promise<void> {
  const runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 1 });
  const admin = createPostgresAdminStore({ url: database.adminUrl, pool: 1 });
  const [id, ref] = [newId('rec'), { bucket: 'photos', key: 'orphan' } as const];
  const scope = { projectId: null, accountId, kinds: null, since: null, deep: false };
  await admin.transaction((tx) => tx.reconcile.create(id, { ...scope, requestedBy: 'auth0|ann' }));
  const scanning = await runs.claim(60_000);
  if (!scanning) throw new Error('there is no run to claim');
  const about = {
    accountId,
    projectId: null,
    subject: null,
    version: null,
    etag: null,
    expected: null,
    found: null,
  };
  const finding = { ...about, ...ref, kind: 'orphan_object', repair: 'quarantine' } as const;
  const checkpoint = addFindings(FIRST_CHECKPOINT, [finding]);
  await runs.saveScan(scanning, checkpoint, scanning.progress, [finding], 60_000);
  await runs.endScan(scanning, { state: 'scanned', reason: null, changesMax: 20 });
  await admin.transaction((tx) => tx.reconcile.queue(id, 'apply', 'auth0|ann', false));
  const applying = await runs.claim(60_000);
  if (!applying) throw new Error('there is no run to claim');
  const kept = { from: ref, kept: { ...ref, key: 'kept' }, etag: 'e' };
  await runs.decide(applying, 1, async () => ({ state: 'applied', outcome: 'kept', kept }));
  await runs.endAct(applying, 'applied', null);
  await Promise.all([admin.close(), runs.close()]);
}

/** A row in every table; answers with the account that they belong to. */
export async function fillEveryTable(database: TestDatabase): Promise<string> {
  const store = createPostgresStore({ url: database.apiUrl, pool: 2 });
  const jobs = createPostgresJobStore({ url: database.workerUrl, pool: 2 });
  const owner = await makeAccount(store);
  const soon = new Date(Date.now() + 3_600_000);
  const { read } = store;
  await read.projects.create(owner, 'prj_1', 'Listing');
  await queueImages(store, owner, 2, { projectId: 'prj_1' });
  const [job] = await jobs.claim(1, 60_000);
  if (job) await jobs.complete(job, [aOutput()]);
  const upload = { id: newId('upl'), sha256: sha256('x'), size: 1, contentType: 'image/png', objectKey: 'k' };
  await read.uploads.create(owner, [{ ...upload, expiresAt: soon }]);
  const secret = {
    principal: 'auth0|ann',
    invitedBy: 'auth0|ann',
    secretHash: sha256(owner),
    expiresAt: soon,
  };
  await read.invitations.create(owner, { ...secret, id: newId('inv'), role: 'member' });
  await read.contacts.set(owner, 'inv_1', 'ann@example.com');
  await read.tokens.create(owner, { ...secret, id: newId('tok'), name: 'CI', scopes: ['images:read'] });
  const login = { principal: 'auth0|ann', scopes: ['billing:read'], sealed: 's', secretHash: sha256(owner) };
  await read.browserSessions.create(owner, {
    ...login,
    id: newId('ses'),
    confirmedUntil: soon,
    endsAt: soon,
  });
  await read.tickets.create(owner, {
    id: newId('tkt'),
    plan: 'pro',
    createdBy: 'auth0|ann',
    expiresAt: soon,
  });
  await read.audit.add(owner, [anAudit()]);
  await read.idempotency.put(owner, 'op', 'k', { bodyHash: 'b', status: 200, response: null });
  await read.billing.setPayAsYouGo(owner, { enabled: true, cap: 5 });
  await addSubscription(database, owner);
  await read.stripe.startWrite(owner, { id: newId('stw'), kind: 'portal', ref: 'r', request: {} });
  await read.stripe.addEvent(aStripeEvent());
  await asOwner(
    database,
    `INSERT INTO meter_events (account_id, entry_id, delivered_at) VALUES ($1, 'led_1', now())`,
    [owner],
  );
  await asOwner(database, 'INSERT INTO stripe_checks (compared) VALUES (0)', []);
  await asOwner(
    database,
    `INSERT INTO account_deletions (id, account, requested_by, due_at, canceled_at)
     VALUES ($1, $2, 'auth0|op', now() + interval '1 day', now())`,
    [newId('del'), owner],
  );
  await fillReconcile(database, owner);
  await Promise.all([store.close(), jobs.close()]);
  return owner;
}

export function aStripeEvent(wish: Partial<StripeEvent> = {}): StripeEvent {
  return {
    id: newId('stw').replace('stw', 'evt'),
    type: 'customer.subscription.updated',
    createdAt: new Date(),
    apiVersion: null,
    customerId: 'cus_1',
    payload: {},
    ...wish,
  };
}

/** As whoever has asked Stripe writes it. */
export async function addSubscription(
  database: Pick<TestDatabase, 'ownerUrl'>,
  owner: string,
  wish: Partial<SubscriptionRow> = {},
): Promise<SubscriptionRow> {
  const row: SubscriptionRow = {
    id: `sub_${newId('led')}`,
    plan: 'pro',
    status: 'active',
    periodStart: new Date(Date.now() - 86_400_000),
    periodEnd: new Date(Date.now() + 29 * 86_400_000),
    cancelAtPeriodEnd: false,
    pastDueSince: null,
    graceEndsAt: null,
    nextPlan: null,
    ...wish,
  };
  const { id, plan, status, periodStart, periodEnd, cancelAtPeriodEnd, pastDueSince, graceEndsAt } = row;
  await asOwner(
    database,
    `INSERT INTO subscriptions AS s (account_id, id, plan, status, period_start, period_end, cancel_at_period_end,
                                     past_due_since, grace_ends_at, synced_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
         ON CONFLICT (id) DO UPDATE
        SET plan = excluded.plan, status = excluded.status, period_start = excluded.period_start,
            period_end = excluded.period_end, cancel_at_period_end = excluded.cancel_at_period_end,
            past_due_since = excluded.past_due_since, grace_ends_at = excluded.grace_ends_at`,
    [owner, id, plan, status, periodStart, periodEnd, cancelAtPeriodEnd, pastDueSince, graceEndsAt],
  );
  return row;
}

export async function asOwner(
  { ownerUrl }: Pick<TestDatabase, 'ownerUrl'>,
  text: string,
  values: unknown[],
): Promise<void> {
  const client = new pg.Client(ownerUrl);
  await client.connect();
  await client.query(text, values).finally(() => client.end());
}
