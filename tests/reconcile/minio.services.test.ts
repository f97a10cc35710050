import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { RECONCILE_KINDS } from '../../server/src/contract/index.ts';
import { purgeKept } from '../../server/src/core/reconcile/index.ts';
import { workApart } from '../../worker/src/reconcile/process.ts';
import { keysOf } from '../support/keys.ts';
import { clientOf, openBuckets, TEST_BUCKETS } from '../support/minio.ts';
import { MINIO_PASSWORD, MINIO_USER, startMinio } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';
import { ahead, nameOf, PLANTS, type Rig, ref, type Scanned, startRig } from './rig.ts';
import { expectGood } from './world.ts';

const DAY_MS = 24 * 60 * 60_000;
const never = new AbortController().signal;
let rig: Rig;
/** For what happens behind our back. */
let client: ReturnType<typeof clientOf>;
beforeAll(async () => {
  const folder = makeTempDir('stager-minio');
  const server = await startMinio(folder);
  const objects = await openBuckets(server);
  client = clientOf(server);
  rig = await startRig({
    objects,
    env: {
      STAGER_OBJECTS: 's3',
      STAGER_S3_ENDPOINT: `http://127.0.0.1:${server.port}`,
      STAGER_S3_ACCESS_KEY: MINIO_USER,
      STAGER_S3_SECRET_KEY: MINIO_PASSWORD,
      STAGER_S3_UPLOADS_BUCKET: TEST_BUCKETS.uploads,
      STAGER_S3_PHOTOS_BUCKET: TEST_BUCKETS.photos,
    },
    leave: () => client.initiateNewMultipartUpload(TEST_BUCKETS.uploads, 'acc_left/half', {}),
    async close() {
      objects.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
});
afterEach(() => rig.clear());
afterAll(() => rig.close());

const names = ({ findings }: Scanned) => findings.map(nameOf).sort();

test('every kind is found, repaired and found no more; what is good stays', async () => {
  const good = [await rig.ready(), await rig.ready(), await rig.ready()];
  expect(names(await rig.scan({ deep: true }))).toEqual([]);
  const planted: string[] = [];
  for (const kind of RECONCILE_KINDS) {
    const plant = PLANTS[kind];
    if (plant) planted.push(await plant(rig));
  }
  const scanned = await rig.scan({ deep: true });
  expect(names(scanned)).toEqual(planted.sort());
  const applied = await rig.apply(scanned.run.id);
  expect(applied.findings.filter(({ state }) => state !== 'applied')).toEqual([]);
  await expectGood(rig, good);
  expect(names(await rig.scan({ deep: true }))).toEqual([]);
});

test('a worker’s process finds what was removed behind our back', async () => {
  const [victim] = [await rig.ready(), await rig.ready()];
  await client.removeObject(TEST_BUCKETS.photos, victim.outputKey);
  const runId = await rig.ask();
  await workApart(rig.config, never, () => undefined);
  expect(names(await rig.get(runId))).toEqual([`missing_output ${victim.imageId}`]);
});

test('orphans are put aside, put back by undo, and removed for good after seven days', async () => {
  const good = [await rig.ready()];
  const keys = ['originals/acc_nobody/a b+c', 'outputs/acc_nobody/ü/1.jpg', 'outputs/z'];
  for (const key of keys) await client.putObject(TEST_BUCKETS.photos, key, Buffer.from(`of ${key}`));
  const bodies = () => Promise.all(keys.map(async (key) => (await rig.objects.read(ref(key)))?.toString()));
  const aside = async () =>
    (await keysOf(rig.objects, 'photos')).filter((key) => key.startsWith('quarantine/'));

  const scanned = await rig.scan();
  expect(names(scanned)).toEqual(keys.map((key) => `orphan_object ${key}`).sort());
  await rig.apply(scanned.run.id);
  expect(await bodies()).toEqual([undefined, undefined, undefined]);
  expect(await aside()).toHaveLength(3);
  await rig.admin.transaction((tx) => tx.reconcile.queue(scanned.run.id, 'undo', 'auth0|admin', false));
  await rig.work();
  expect((await rig.get(scanned.run.id)).run).toMatchObject({ state: 'undone', outcome: { undone: 3 } });
  expect(await bodies()).toEqual(keys.map((key) => `of ${key}`));
  expect(await aside()).toEqual([]);

  await rig.apply((await rig.scan()).run.id);
  const later = (days: number) => ({ ...rig.deps, store: ahead(rig.runs, days * DAY_MS) });
  expect(await purgeKept(later(6.9), never)).toEqual({ removed: 0, left: 0 });
  expect(await aside()).toHaveLength(3);
  expect(await purgeKept(later(7.1), never)).toEqual({ removed: 3, left: 0 });
  expect(await aside()).toEqual([]);
  await expectGood(rig, good);
});

test('an orphan that somebody writes anew after it was found stays', async () => {
  await rig.ready();
  await client.putObject(TEST_BUCKETS.photos, 'outputs/z', Buffer.from('old'));
  const scanned = await rig.scan();
  await client.putObject(TEST_BUCKETS.photos, 'outputs/z', Buffer.from('new'));
  const { findings } = await rig.apply(scanned.run.id);
  expect(findings).toMatchObject([{ state: 'skipped', outcome: expect.stringContaining('changed since') }]);
  expect((await rig.objects.read(ref('outputs/z')))?.toString()).toBe('new');
});
