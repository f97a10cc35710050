import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { purgeKept } from '../../server/src/core/reconcile/index.ts';
import { keysOf } from '../support/keys.ts';
import { type MemoryS3, type Rule, startMemoryS3 } from '../support/memoryS3.ts';
import { TEST_BUCKETS } from '../support/minio.ts';
import { ahead, type MadeImage, nameOf, PLANTS, type Rig, ref, startRig } from './rig.ts';
import { startS3Rig } from './s3Rig.ts';
import { expectGood, type World, world } from './world.ts';

const DAY_MS = 24 * 60 * 60_000;
let server: MemoryS3;
let rig: Rig;
let good: MadeImage[];
let planted: string[];
beforeAll(async () => {
  server = await startMemoryS3();
  rig = await startS3Rig(server);
});
afterAll(() => rig.close());
beforeEach(async () => {
  server.refuse(null);
  await rig.clear();
  good = [await rig.ready(), await rig.ready()];
  // The sentinels are placed by the first run.
  expect((await rig.scan()).run.state).toBe('scanned');
  planted = [];
  for (const kind of ['orphan_object', 'size_mismatch', 'missing_output', 'stuck_queued'] as const)
    planted.push((await PLANTS[kind]?.(rig)) ?? '');
});

describe('an S3 that refuses one object', () => {
  const KEY = 'outputs/a/refused';
  const isIt = (path: string | undefined) => path === `${TEST_BUCKETS.photos}/${KEY}`;
  const aside = async () =>
    (await keysOf(rig.objects, 'photos')).filter((key) => key.startsWith('quarantine/') && key.endsWith(KEY));

  test.each<[string, Rule]>([
    ['as too large for a copy', (_, __, from) => (isIt(from) ? [400, 'InvalidRequest'] : undefined)],
    [
      'whatever is asked of it',
      (_, path, from) => (isIt(path) || isIt(from) ? [403, 'AccessDenied'] : undefined),
    ],
    // By then it was copied.
    [
      'to be removed',
      (method, path) => (method === 'DELETE' && isIt(path) ? [403, 'AccessDenied'] : undefined),
    ],
  ])('%s: it is skipped with the reason, stays as it is, and the rest is repaired', async (_, rule) => {
    await rig.objects.write(ref(KEY), Buffer.from('refused'), 'image/jpeg');
    const scanned = await rig.scan();
    server.refuse(rule);
    const { run, findings } = await rig.apply(scanned.run.id);
    server.refuse(null);
    expect(run).toMatchObject({ state: 'applied', outcome: { applied: planted.length, skipped: 1 } });
    expect(findings.filter(({ state }) => state === 'skipped')).toMatchObject([
      {
        key: KEY,
        outcome: expect.stringMatching(
          /^The photo store refuses it: (InvalidRequest|AccessDenied|.*credentials)/,
        ),
      },
    ]);
    expect((await rig.objects.read(ref(KEY)))?.toString()).toBe('refused');
    expect(await aside()).toEqual([]);
    await expectGood(rig, good);
    expect((await rig.scan()).findings.map(nameOf)).toEqual([`orphan_object ${KEY}`]);
  });

  test('and will not let go of its copy either: the copy stays known, and undo takes it back', async () => {
    await rig.objects.write(ref(KEY), Buffer.from('refused'), 'image/jpeg');
    const { run } = await rig.scan({ kinds: ['orphan_object'] });
    server.refuse((method, path) =>
      method === 'DELETE' && path.endsWith(KEY) ? [403, 'AccessDenied'] : undefined,
    );
    const { findings } = await rig.apply(run.id);
    server.refuse(null);
    expect(findings.find(({ key }) => key === KEY)).toMatchObject({
      state: 'skipped',
      outcome: expect.stringContaining(`A copy is left as quarantine/${run.id}/${KEY}.`),
    });
    expect(await aside()).toHaveLength(1);
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'undo', 'auth0|admin', false));
    await rig.work();
    expect(await aside()).toEqual([]);
    expect((await rig.objects.read(ref(KEY)))?.toString()).toBe('refused');
  });

  test('and is asked to put it back: the others are put back', async () => {
    await rig.objects.write(ref(KEY), Buffer.from('refused'), 'image/jpeg');
    const { run } = await rig.scan({ kinds: ['orphan_object'] });
    await rig.apply(run.id);
    server.refuse((_, path) => (isIt(path) ? [403, 'AccessDenied'] : undefined));
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'undo', 'auth0|admin', false));
    await rig.work();
    server.refuse(null);
    const undone = await rig.get(run.id);
    expect(undone.run).toMatchObject({ state: 'undone', outcome: { applied: 1, undone: 1 } });
    expect(undone.findings.find(({ key }) => key === KEY)?.outcome).toMatch(/not be put back: .+ refuses it/);
    expect(await aside()).toHaveLength(1);
  });
});

describe('an S3 that refuses more than one object ends the apply', () => {
  test.each<[string, Rule]>([
    ['every write', (method) => (method === 'PUT' ? [403, 'AccessDenied'] : undefined)],
    ['every copy', (_, __, from) => (from === undefined ? undefined : [400, 'InvalidRequest'])],
    ['every removal', (method) => (method === 'DELETE' ? [403, 'AccessDenied'] : undefined)],
    ['all but the listing', () => [403, 'AccessDenied']],
  ])('%s: nothing more is changed or skipped', async (_, rule) => {
    const { run } = await rig.scan({ kinds: ['orphan_object'] });
    const before = await world(rig);
    server.refuse(rule);
    const failed = await rig.apply(run.id);
    server.refuse(null);
    expect(failed.run).toMatchObject({ state: 'failed', reason: { code: 'store_failed' } });
    expect(failed.findings.map(({ state }) => state)).toEqual(['open']);
    const photosOf = (seen: World) => seen.photos.filter((key) => !key.startsWith('quarantine/'));
    expect(photosOf(await world(rig))).toEqual(photosOf(before));
    expect((await rig.apply(run.id)).run).toMatchObject({ state: 'applied', outcome: { applied: 1 } });
  });

  test('ten in a row: those before are skipped, and another apply goes on behind them', async () => {
    for (let n = 10; n < 22; n += 1) await rig.objects.write(ref(`outputs/b/${n}`), Buffer.from('x'), 'a/b');
    const { run } = await rig.scan({ kinds: ['orphan_object'] });
    server.refuse((_, __, from) => (from?.includes('/outputs/b/') ? [400, 'InvalidRequest'] : undefined));
    const stopped = await rig.apply(run.id);
    expect(stopped.run).toMatchObject({
      state: 'failed',
      reason: { code: 'store_refuses' },
      outcome: { skipped: 9 },
    });
    const { run: whole } = await rig.apply(run.id);
    expect(whole).toMatchObject({ state: 'applied', outcome: { applied: 1, skipped: 12 } });
  });
});

describe('what was put aside long ago', () => {
  const keys = ['outputs/a/1', 'outputs/a/2', 'outputs/a/3'];
  const never = new AbortController().signal;
  const later = (days: number) => ({ ...rig.deps, store: ahead(rig.runs, days * DAY_MS) });
  const aside = async () =>
    (await keysOf(rig.objects, 'photos')).filter((key) => key.startsWith('quarantine/rec_'));

  async function putAside(): Promise<string> {
    for (const key of keys) await rig.objects.write(ref(key), Buffer.from('orphan'), 'a/b');
    const { run } = await rig.scan({ kinds: ['orphan_object'] });
    expect((await rig.apply(run.id)).run.outcome).toMatchObject({ applied: 4, skipped: 0 });
    return run.id;
  }

  test('and the store refuses to remove holds up no other, is listed with the reason, and is tried again', async () => {
    const runId = await putAside();
    server.refuse((method, path) =>
      method === 'DELETE' && path.endsWith('outputs/a/1') ? [403, 'AccessDenied'] : undefined,
    );
    expect(await purgeKept(later(7.1), never)).toEqual({ removed: 3, left: 1 });
    server.refuse(null);
    expect(await aside()).toEqual([`quarantine/${runId}/outputs/a/1`]);
    const { findings } = await rig.get(runId);
    expect(findings.find(({ key }) => key === 'outputs/a/1')?.outcome).toMatch(
      /refuses to remove it, and it is kept for 7 more days: .*AccessDenied/,
    );
    expect(await purgeKept(later(14), never)).toEqual({ removed: 0, left: 0 });
    expect(await purgeKept(later(14.2), never)).toEqual({ removed: 1, left: 0 });
    expect(await aside()).toEqual([]);
  });

  test('stays known when the store refuses all, or is another one', async () => {
    const runId = await putAside();
    server.refuse((method) => (method === 'DELETE' ? [403, 'AccessDenied'] : undefined));
    await expect(purgeKept(later(8), never)).rejects.toThrow('does not let us');
    server.refuse(null);
    for (const at of await rig.runs.keptOf(runId, 0, 10)) await rig.objects.remove(at.kept);
    await rig.objects.write(ref('sentinel'), Buffer.from('another'), 'a/b');
    await expect(purgeKept(later(8), never)).rejects.toThrow('tells this store from others');
    expect(await rig.runs.keptOf(runId, 0, 10)).toHaveLength(4);
  });
});

test('a key that is too long for the place where it would be put aside', async () => {
  const disk = await startRig();
  try {
    await disk.ready();
    await disk.scan();
    const long = `outputs/a/${Array(5).fill('n'.repeat(195)).join('/')}`;
    for (const key of [long, 'outputs/b']) await disk.objects.write(ref(key), Buffer.from('orphan'), 'a/b');
    const { run, findings } = await disk.apply((await disk.scan()).run.id);
    expect(run.state).toBe('applied');
    expect(findings.map(({ key, state }) => [key, state])).toEqual([
      [long, 'skipped'],
      ['outputs/b', 'applied'],
    ]);
    expect(await keysOf(disk.objects, 'photos')).toContain(long);
  } finally {
    await disk.close();
  }
});
