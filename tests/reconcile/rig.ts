import { rmSync } from 'node:fs';
import pg from 'pg';
import type { ReconcileKind } from '../../server/src/contract/index.ts';
import { newId } from '../../server/src/core/ids.ts';
import { type ReconcileDeps, workOnDueRun } from '../../server/src/core/reconcile/index.ts';
import { createDiskObjects, type DiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import {
  createPostgresAdminStore,
  createPostgresReconcileStore,
  createPostgresStore,
} from '../../server/src/infra/postgres/index.ts';
import type {
  AdminStore,
  FindingRow,
  Objects,
  ReconcileRunRow,
  ReconcileScope,
  ReconcileStore,
  Store,
} from '../../server/src/ports/index.ts';
import { type WorkerConfig, workerConfig } from '../../worker/src/config.ts';
import { createTestDatabase } from '../support/database.ts';
import { makeAccount, sha256 } from '../support/fixtures.ts';
import { pagesOf } from '../support/keys.ts';
import { makeTempDir } from '../support/tempDir.ts';

const HOUR_MS = 60 * 60_000;
/** The clock of reconciliation runs ahead, so that all that a test makes is old enough to conclude from. */
const AHEAD_MS = 30 * HOUR_MS;

export interface Rig {
  readonly objects: Objects;
  /** A writer goes away in the middle; answers with the id of what it leaves. */
  leave(): Promise<string>;
  readonly store: Store;
  readonly admin: AdminStore;
  readonly runs: ReconcileStore;
  readonly deps: ReconcileDeps;
  /** The account that everything belongs to. */
  readonly owner: string;
  readonly workerUrl: string;
  readonly superuserUrl: string;
  /** What a worker on this database and this store would be told. */
  readonly config: WorkerConfig;
  readonly project: string;
  sql<T extends object>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** An image that is ready, with its original and one output, rows and objects. */
  ready(wish?: { readonly projectId?: string | null; readonly accountId?: string }): Promise<MadeImage>;
  /** Everything that a test before has made is taken away, but for account and project. */
  clear(): Promise<void>;
  ask(wish?: Partial<ReconcileScope>): Promise<string>;
  /** Works on what is due until nothing is. */
  work(deps?: Partial<ReconcileDeps>): Promise<string[]>;
  scan(wish?: Partial<ReconcileScope>, deps?: Partial<ReconcileDeps>): Promise<Scanned>;
  apply(runId: string, deps?: Partial<ReconcileDeps>): Promise<Scanned>;
  get(runId: string): Promise<Scanned>;
  close(): Promise<void>;
}

export interface Scanned {
  readonly run: ReconcileRunRow;
  readonly findings: FindingRow[];
}

export interface MadeImage {
  readonly imageId: string;
  readonly originalId: string;
  readonly originalKey: string;
  readonly outputKey: string;
}

/** The real database, the disk store or another one, and what a worker does with runs. */
export async function startRig(
  given?: Pick<Rig, 'objects' | 'leave' | 'close'> & { readonly env: Readonly<Record<string, string>> },
): Promise<Rig> {
  const dir = makeTempDir('stager-reconcile');
  const database = await createTestDatabase();
  const [publicUrl, secret] = ['http://127.0.0.1:1', 'a-secret-of-16-bytes'];
  const disk = createDiskObjects({ root: dir, publicUrl, secrets: [secret] });
  const config = workerConfig.parse({
    STAGER_DATABASE_URL: database.workerUrl,
    STAGER_OBJECTS_PUBLIC_URL: publicUrl,
    STAGER_OBJECTS_DIR: dir,
    STAGER_OBJECTS_SECRETS: secret,
    ...given?.env,
  });
  const { objects, leave } = given ?? { objects: disk, leave: () => leaveDraft(disk) };
  const store = createPostgresStore({ url: database.apiUrl, pool: 2 });
  const admin = createPostgresAdminStore({ url: database.adminUrl, pool: 2 });
  const runs = createPostgresReconcileStore({ url: database.workerUrl, pool: 3 });
  const superuser = new pg.Client(database.superuserUrl);
  await superuser.connect();
  const sql = async <T extends object>(text: string, values: readonly unknown[] = []) =>
    (await superuser.query<T>(text, [...values])).rows;
  const account = await makeAccount(store);
  const project = newId('prj');
  await store.account(account).read.projects.create(account, project, 'Listing');
  const deps: ReconcileDeps = {
    store: ahead(runs, AHEAD_MS),
    objects,
    leaseMs: 30_000,
    subscriptions: null,
  };
  const never = new AbortController().signal;

  async function ask(wish: Partial<ReconcileScope> = {}): Promise<string> {
    const id = newId('rec');
    const scope = { projectId: null, accountId: null, kinds: null, since: null, deep: false, ...wish };
    const made = await admin.transaction((tx) =>
      tx.reconcile.create(id, { ...scope, requestedBy: 'auth0|admin' }),
    );
    if (!made) throw new Error('a run that looks at the same is under way');
    return id;
  }

  async function work(other: Partial<ReconcileDeps> = {}): Promise<string[]> {
    const ends: string[] = [];
    for (;;) {
      const worked = await workOnDueRun({ ...deps, ...other }, never);
      if (!worked) return ends;
      ends.push(worked.ended);
    }
  }

  async function get(runId: string): Promise<Scanned> {
    const run = await admin.transaction((tx) => tx.reconcile.get(runId));
    if (!run) throw new Error(`there is no run ${runId}`);
    return { run, findings: await runs.findings(runId, 0, 1_000_000) };
  }

  return {
    objects,
    leave,
    store,
    admin,
    runs,
    deps,
    owner: account,
    workerUrl: database.workerUrl,
    superuserUrl: database.superuserUrl,
    config,
    project,
    sql,
    ask,
    work,
    get,

    async ready({ projectId = null, accountId: owner = account } = {}) {
      const [imageId, originalId] = [newId('img'), newId('org')];
      const hash = sha256(`bytes of ${originalId}`);
      const originalKey = `originals/${owner}/${hash}`;
      const outputKey = `outputs/${owner}/${imageId}/lease/finished.jpg`;
      await objects.write(ref(originalKey), Buffer.from(`bytes of ${originalId}`), 'image/jpeg');
      await objects.write(ref(outputKey), Buffer.from(`result of ${imageId}`), 'image/jpeg');
      await sql(
        `INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
         VALUES ($1, $2, $3, $4, 'image/jpeg', 4, 3, $5)`,
        [owner, originalId, hash, `bytes of ${originalId}`.length, originalKey],
      );
      await sql(
        `INSERT INTO images (account_id, id, project_id, original_id, engine, seed, variation, params, spec_hash, state)
         VALUES ($1, $2, $3, $4, 'finish', 1, 0, '{}', $5, 'ready')`,
        [owner, imageId, projectId, originalId, sha256(imageId)],
      );
      await sql(
        `INSERT INTO image_outputs (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
         VALUES ($1, $2, 'finished', 1, $3, 'image/jpeg', $4, $5, 4, 3)`,
        [owner, imageId, outputKey, `result of ${imageId}`.length, sha256(`result of ${imageId}`)],
      );
      await sql('SELECT reserve_units($1, $2, $3, now(), $4, $5, 1, 0, 0, 0, $6, NULL, NULL)', [
        ...[owner, '2026-01-01', '2027-01-01', projectId],
        ...[JSON.stringify([{ id: newId('led'), imageId, overage: false }]), 1_000_000],
      ]);
      await sql('SELECT catch_up_unit($1, $2, NULL)', [owner, imageId]);
      return { imageId, originalId, originalKey, outputKey };
    },

    async clear() {
      await sql(
        `TRUNCATE reconcile_kept, reconcile_findings, reconcile_runs, jobs, image_outputs, uploads, outbox, ledger, usage_periods, usage_days CASCADE`,
      );
      await sql('DELETE FROM images');
      await sql('DELETE FROM originals');
      for (const bucket of ['photos', 'uploads'] as const) {
        for await (const page of objects.list(bucket))
          await Promise.all(page.map(({ key }) => objects.remove({ bucket, key })));
        for await (const page of objects.listLeftovers(bucket))
          await Promise.all(page.map((leftover) => objects.removeLeftover(leftover)));
      }
    },

    async scan(wish, other) {
      const id = await ask(wish);
      await work(other);
      return get(id);
    },

    async apply(runId, other) {
      const queued = await admin.transaction((tx) =>
        tx.reconcile.queue(runId, 'apply', 'auth0|admin', false),
      );
      if (!queued) throw new Error(`${runId} was not queued`);
      await work(other);
      return get(runId);
    },

    async close() {
      await Promise.all([store.close(), admin.close(), runs.close(), superuser.end()]);
      await given?.close();
      await database.drop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** As if the clock of the database were so far ahead. */
export function ahead(store: ReconcileStore, ms: number): ReconcileStore {
  return { ...store, now: async () => new Date((await store.now()).getTime() + ms) };
}

async function leaveDraft(disk: DiskObjects): Promise<string> {
  const known = new Set((await pagesOf(disk.listLeftovers('uploads'))).map(({ id }) => id));
  await (await disk.files.createDraft()).handle.close();
  const fresh = (await pagesOf(disk.listLeftovers('uploads'))).find(({ id }) => !known.has(id));
  if (!fresh) throw new Error('nothing was left');
  return fresh.id;
}

export function ref(key: string) {
  return { bucket: 'photos', key } as const;
}

/** What a finding is about, as one word. */
export function nameOf({ kind, subject, key }: Pick<FindingRow, 'kind' | 'subject' | 'key'>): string {
  return `${kind} ${subject ?? key}`;
}

/** Something wrong, and the name of what is to be found. */
export type Plant = (rig: Rig) => Promise<string>;

let counter = 0;

/** One way in which each kind comes about. */
export const PLANTS: Readonly<Partial<Record<ReconcileKind, Plant>>> = {
  async missing_original(rig) {
    const { originalId, originalKey } = await rig.ready();
    await rig.objects.remove(ref(originalKey));
    return `missing_original ${originalId}`;
  },
  async missing_output(rig) {
    const { imageId, outputKey } = await rig.ready();
    await rig.objects.remove(ref(outputKey));
    return `missing_output ${imageId}`;
  },
  async ready_without_output(rig) {
    const { imageId, outputKey } = await rig.ready();
    await rig.sql('DELETE FROM image_outputs WHERE image_id = $1', [imageId]);
    await rig.objects.remove(ref(outputKey));
    return `ready_without_output ${imageId}`;
  },
  async orphan_object(rig) {
    counter += 1;
    const key =
      counter % 2 === 0 ? `originals/${rig.owner}/${sha256(String(counter))}` : `outputs/x/${counter}`;
    await rig.objects.write(ref(key), Buffer.from('orphan'), 'image/jpeg');
    return `orphan_object ${key}`;
  },
  async size_mismatch(rig) {
    const { imageId, outputKey } = await rig.ready();
    await rig.objects.write(ref(outputKey), Buffer.from('short'), 'image/jpeg');
    return `size_mismatch ${imageId}`;
  },
  async hash_mismatch(rig) {
    const { imageId, outputKey } = await rig.ready();
    await rig.objects.write(ref(outputKey), Buffer.from(`RESULT of ${imageId}`), 'image/jpeg');
    return `hash_mismatch ${imageId}`;
  },
  async stuck_queued(rig) {
    const { imageId } = await forgetResult(rig, 'queued');
    return `stuck_queued ${imageId}`;
  },
  async stuck_processing(rig) {
    const { imageId } = await forgetResult(rig, 'processing');
    counter += 1;
    if (counter % 2 === 0) {
      await rig.sql(
        `INSERT INTO jobs (id, account_id, image_id, priority, state, max_attempts, lease, lease_until)
         VALUES ($1, $2, $3, 1, 'running', 3, gen_random_uuid(), now() - interval '1 day')`,
        [newId('job'), rig.owner, imageId],
      );
    }
    return `stuck_processing ${imageId}`;
  },
  async job_without_image(rig) {
    const { imageId } = await rig.ready();
    const jobId = newId('job');
    await rig.sql(
      `INSERT INTO jobs (id, account_id, image_id, priority, max_attempts) VALUES ($1, $2, $3, 1, 3)`,
      [jobId, rig.owner, imageId],
    );
    return `job_without_image ${jobId}`;
  },
  async upload_unfinalized(rig) {
    const id = newId('upl');
    const key = `${rig.owner}/${id}`;
    counter += 1;
    if (counter % 2 === 0) {
      await rig.objects.write({ bucket: 'uploads', key }, Buffer.from('half'), 'image/jpeg');
    }
    await rig.sql(
      `INSERT INTO uploads (id, account_id, sha256, size, content_type, object_key, expires_at)
       VALUES ($1, $2, $3, 100, 'image/jpeg', $4, now())`,
      [id, rig.owner, sha256(id), key],
    );
    return `upload_unfinalized ${id}`;
  },
  multipart_leftover: async (rig) => `multipart_leftover ${await rig.leave()}`,
  async ledger_mismatch(rig) {
    counter += 1;
    const wrongUnit = WRONG_UNITS[counter % WRONG_UNITS.length];
    return `ledger_mismatch ${await wrongUnit?.(rig, (await rig.ready()).imageId)}`;
  },
};

/** Ways in which an image and its unit contradict. Sums are as they should be for the units that there are. */
const WRONG_UNITS: readonly ((rig: Rig, imageId: string) => Promise<string>)[] = [
  (rig, imageId) => openUnit(rig, imageId),
  async (rig, imageId) => {
    await endUnnoticed(rig, imageId, 'canceled');
    return openUnit(rig, imageId);
  },
  async (rig, imageId) => {
    await endUnnoticed(rig, imageId, 'error');
    return imageId;
  },
  async (rig, imageId) => {
    await rig.sql(`SELECT refund_unit($1, $2, 'error')`, [rig.owner, imageId]);
    return imageId;
  },
  async (rig, imageId) => {
    // Of an account that had units before.
    const { imageId: later } = await rig.ready();
    await rig.sql(`SELECT refund_unit($1, $2, 'error')`, [rig.owner, later]);
    await rig.sql('DELETE FROM ledger WHERE image_id = $1', [later]);
    await rig.sql(`UPDATE images SET created_at = now() + interval '1 s' WHERE id = $1`, [later]);
    await rig.sql('UPDATE ledger SET reserved_at = now() WHERE image_id = $1', [imageId]);
    return later;
  },
];

async function openUnit(rig: Rig, imageId: string): Promise<string> {
  const [unit] = await rig.sql<{ id: string }>(
    `UPDATE ledger SET state = 'reserved', ended_at = NULL, reason = NULL WHERE image_id = $1 RETURNING id`,
    [imageId],
  );
  if (!unit) throw new Error(`${imageId} has no unit`);
  return unit.id;
}

/** Past the trigger that ends the unit as well. */
async function endUnnoticed(rig: Rig, imageId: string, state: string): Promise<void> {
  await rig.sql('ALTER TABLE images DISABLE TRIGGER images_ended');
  const error = { code: 'engine_failed', message: 'x', hint: null, retryable: false };
  await rig.sql('UPDATE images SET state = $2, error = $3 WHERE id = $1', [
    ...[imageId, state],
    state === 'error' ? error : null,
  ]);
  await rig.sql('ALTER TABLE images ENABLE TRIGGER images_ended');
}

async function forgetResult(rig: Rig, state: string): Promise<MadeImage> {
  const made = await rig.ready();
  await rig.sql('DELETE FROM image_outputs WHERE image_id = $1', [made.imageId]);
  await rig.sql('UPDATE images SET state = $2 WHERE id = $1', [made.imageId, state]);
  await rig.objects.remove(ref(made.outputKey));
  return made;
}
