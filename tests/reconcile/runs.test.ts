import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { newId } from '../../server/src/core/ids.ts';
import { applyRun, refuseApply, startRun } from '../../server/src/core/reconcile/commands.ts';
import { purgeKept, workOnDueRun } from '../../server/src/core/reconcile/index.ts';
import type { AdminTx, Objects } from '../../server/src/ports/index.ts';
import { keysOf } from '../support/keys.ts';
import { ahead, nameOf, PLANTS, type Rig, ref, type Scanned, startRig } from './rig.ts';

const DAY_MS = 24 * 60 * 60_000;
let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterEach(() => rig.clear());
afterAll(() => rig.close());

const plant = (kind: keyof typeof PLANTS) => PLANTS[kind]?.(rig) ?? Promise.reject(new Error(kind));
const names = ({ findings }: Scanned) => findings.map(nameOf);
const never = new AbortController().signal;

/** What an operator does. */
function actOf(tx: AdminTx) {
  const caller = { accountId: rig.owner, principal: 'auth0|admin', role: 'admin' as const };
  return {
    tx,
    caller,
    credential: { kind: 'login' as const, id: null },
    requestId: 'req_1',
    now: new Date(),
  };
}

async function fillHealthy(count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await rig.ready();
}

/** With three results, the first of which is what was asked for. */
async function imageOfThree() {
  const made = await rig.ready();
  const keys = [
    made.outputKey,
    ...['thumbnail', 'zoom'].map((name) => made.outputKey.replace('finished', name)),
  ];
  for (const [at, key] of keys.entries()) {
    if (at === 0) continue;
    await rig.objects.write(ref(key), Buffer.from('beside it'), 'image/jpeg');
    await rig.sql(
      `INSERT INTO image_outputs (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
       SELECT account_id, image_id, $2, $3, $4, content_type, 9, sha256, width, height FROM image_outputs
        WHERE image_id = $1 AND position = 1`,
      [made.imageId, `beside-${at}`, at + 1, key],
    );
  }
  return { ...made, keys };
}

/** A store whose user is killed when it has moved something. */
function goneBehindAMove(): Objects {
  return {
    ...rig.objects,
    async moveExactly(from, to, etag) {
      await rig.objects.moveExactly(from, to, etag);
      throw new Error('the process is gone');
    },
  };
}

describe('a run stops, and changes nothing unasked', () => {
  test('when the sentinel of a store is gone', async () => {
    await fillHealthy(2);
    await rig.scan();
    await plant('orphan_object');
    await rig.objects.remove({ bucket: 'uploads', key: 'sentinel' });
    const { run } = await rig.scan();
    expect(run).toMatchObject({ state: 'stopped', reason: { code: 'sentinel_missing' } });
    expect(refuseApply(run, undefined, new Date())).toContain('Override it');
    expect(refuseApply(run, newId('rec'), new Date())).toContain('names another run');
    expect(refuseApply(run, run.id, new Date())).toBeNull();
  });

  test('when it goes between scan and apply; with the override, it is placed anew', async () => {
    await fillHealthy(2);
    await rig.scan();
    await plant('orphan_object');
    const { run } = await rig.scan();
    await rig.objects.write(ref('sentinel'), Buffer.from('another store'), 'text/plain');
    const refused = await rig.apply(run.id);
    expect(refused).toMatchObject({ run: { state: 'failed', reason: { code: 'sentinel_missing' } } });
    expect(refused.findings.map(({ state }) => state)).toEqual(['open']);
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'apply', 'auth0|admin', true));
    await rig.work();
    expect((await rig.get(run.id)).run.state).toBe('applied');
    expect((await rig.scan()).run.state).toBe('scanned');
  });

  test('when it goes after something else was overridden', async () => {
    await fillHealthy(1);
    await rig.scan();
    for (let n = 0; n < 21; n += 1) await plant('orphan_object');
    const { run } = await rig.scan();
    expect(run.reason).toMatchObject({ code: 'too_many_changes' });
    await rig.objects.remove(ref('sentinel'));
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'apply', 'auth0|admin', true));
    await rig.work();
    const refused = await rig.get(run.id);
    expect(refused.run).toMatchObject({ state: 'failed', reason: { code: 'sentinel_missing' } });
    expect(refused.findings.every(({ state }) => state === 'open')).toBe(true);
    expect(await rig.objects.stat(ref('sentinel'))).toBeUndefined();
  });

  test('when it goes away amid an apply, and all is missing with it', async () => {
    const { imageId, outputKey } = await rig.ready();
    await rig.ready();
    await rig.scan();
    await rig.objects.remove(ref(outputKey));
    const { run } = await rig.scan();
    let gone = false;
    const objects: Objects = {
      ...rig.objects,
      async stat(object) {
        gone = true;
        return object.key === outputKey ? rig.objects.stat(object) : undefined;
      },
      read: async (object) => (gone ? undefined : rig.objects.read(object)),
    };
    const stopped = await rig.apply(run.id, { objects });
    expect(stopped.run).toMatchObject({ state: 'failed', reason: { code: 'sentinel_missing' } });
    expect(stopped.findings.map(({ state }) => state)).toEqual(['open']);
    expect(await rig.sql('SELECT state FROM images WHERE id = $1', [imageId])).toEqual([{ state: 'ready' }]);
    const { findings } = await rig.apply(run.id);
    expect(findings.map(({ outcome }) => outcome)).toEqual(['The image is made once more.']);
  });

  test('when a listing ends without the sentinel, which can be read', async () => {
    await fillHealthy(2);
    await rig.scan();
    const objects: Objects = {
      ...rig.objects,
      async *list(bucket, options) {
        if (bucket !== 'uploads') yield* rig.objects.list(bucket, options);
      },
    };
    const { run } = await rig.scan({}, { objects });
    expect(run).toMatchObject({ state: 'failed', reason: { code: 'listing_incomplete' } });
    expect(refuseApply(run, run.id, new Date())).toContain('nothing to apply');
  });

  test('when there are rows and no object', async () => {
    await fillHealthy(2);
    for (const key of await keysOf(rig.objects, 'photos')) await rig.objects.remove(ref(key));
    const { run } = await rig.scan();
    expect(run).toMatchObject({ state: 'stopped', reason: { code: 'no_objects' } });
    // A store that may be the wrong one is not marked as the right one.
    expect(await keysOf(rig.objects, 'photos')).toEqual([]);
  });

  test('when there are objects and no row', async () => {
    await plant('orphan_object');
    expect((await rig.scan()).run).toMatchObject({ state: 'stopped', reason: { code: 'no_rows' } });
  });

  test('when it would change more than 20', async () => {
    await fillHealthy(1);
    for (let n = 0; n < 20; n += 1) await plant('orphan_object');
    expect((await rig.scan()).run).toMatchObject({ state: 'scanned', changesMax: 20 });
    await plant('orphan_object');
    const { run } = await rig.scan();
    expect(run).toMatchObject({ state: 'stopped', reason: { code: 'too_many_changes' } });
    expect(refuseApply(run, undefined, new Date())).toContain('Override it');
  });

  test('a day later', async () => {
    await fillHealthy(1);
    await plant('orphan_object');
    const { run } = await rig.scan();
    const begun = run.startedAt?.getTime() ?? 0;
    expect(refuseApply(run, undefined, new Date(begun + DAY_MS - 1))).toBeNull();
    expect(refuseApply(run, undefined, new Date(begun + DAY_MS))).toContain('older than 24 hours');
    expect(refuseApply(run, run.id, new Date(begun + DAY_MS))).toContain('older than 24 hours');
  });

  test('when it was allowed in time, and a day is over before a worker comes to it', async () => {
    await fillHealthy(1);
    await plant('orphan_object');
    const { run } = await rig.scan();
    await rig.sql(`UPDATE reconcile_runs SET started_at = now() - interval '24 h' WHERE id = $1`, [run.id]);
    const late = await rig.apply(run.id);
    expect(late.run).toMatchObject({ state: 'failed', reason: { code: 'too_old' } });
    expect(late.findings.map(({ state }) => state)).toEqual(['open']);
  });

  test('when its findings are not those that were shown', async () => {
    await fillHealthy(1);
    const [first] = [await plant('orphan_object'), await plant('orphan_object')];
    const { run } = await rig.scan();
    await rig.sql('UPDATE reconcile_findings SET key = $2 WHERE run_id = $1 AND seq = 1', [
      run.id,
      'outputs/other',
    ]);
    expect((await rig.apply(run.id)).run).toMatchObject({
      state: 'failed',
      reason: { code: 'plan_changed' },
    });
    expect(await keysOf(rig.objects, 'photos')).toContain(first?.split(' ')[1]);
  });
});

describe('what has changed since is skipped and listed', () => {
  test('an orphan that a row names by now', async () => {
    const { originalId, originalKey } = await rig.ready();
    await rig.ready();
    await rig.sql('UPDATE originals SET object_key = $2 WHERE id = $1', [originalId, 'originals/elsewhere']);
    const scanned = await rig.scan({ kinds: ['orphan_object'] });
    expect(names(scanned)).toEqual([`orphan_object ${originalKey}`]);
    await rig.sql('UPDATE originals SET object_key = $2 WHERE id = $1', [originalId, originalKey]);
    const { findings } = await rig.apply(scanned.run.id);
    expect(findings).toMatchObject([{ state: 'skipped', outcome: 'A row names it by now.' }]);
    expect(await keysOf(rig.objects, 'photos')).toContain(originalKey);
  });

  test('an orphan that a row names in the very moment is put back', async () => {
    await rig.ready();
    const key = (await plant('orphan_object')).split(' ')[1] ?? '';
    const scanned = await rig.scan();
    const objects: Objects = {
      ...rig.objects,
      async moveExactly(from, to, etag) {
        const outcome = await rig.objects.moveExactly(from, to, etag);
        await rig.sql('UPDATE originals SET object_key = $1', [key]);
        return outcome;
      },
    };
    const { findings } = await rig.apply(scanned.run.id, { objects });
    expect(findings).toMatchObject([{ state: 'skipped', outcome: expect.stringContaining('put back') }]);
    expect((await rig.objects.read(ref(key)))?.toString()).toBe('orphan');
  });

  test('what somebody is about to finalize: the object is there before its row', async () => {
    const lost = await rig.ready();
    const [orphan, torn] = [await rig.ready(), await rig.ready()];
    await rig.sql('UPDATE originals SET object_key = $2 WHERE id = $1', [
      orphan.originalId,
      'originals/elsewhere',
    ]);
    await rig.objects.write(ref('originals/elsewhere'), Buffer.from(`bytes of ${orphan.originalId}`), 'a/b');
    await rig.objects.remove(ref(lost.originalKey));
    await rig.objects.write(ref(torn.originalKey), Buffer.from('torn'), 'image/jpeg');
    const { run } = await rig.scan({ kinds: ['orphan_object', 'missing_original', 'size_mismatch'] });
    for (const { originalKey } of [lost, orphan, torn]) {
      const id = newId('upl');
      await rig.sql(
        `INSERT INTO uploads (id, account_id, sha256, size, content_type, object_key, expires_at)
         VALUES ($1, $2, $3, 100, 'image/jpeg', $4, now() + interval '1 h')`,
        [id, rig.owner, originalKey.split('/').at(-1), `${rig.owner}/${id}`],
      );
    }
    const { findings } = await rig.apply(run.id);
    expect(findings.map(({ kind, outcome }) => [kind, outcome]).sort()).toEqual([
      ['missing_original', 'The same photo is being sent.'],
      ['orphan_object', 'The same photo is being sent.'],
      ['size_mismatch', 'The same photo is being sent.'],
    ]);
    expect(await keysOf(rig.objects, 'photos')).toContain(orphan.originalKey);
    expect(await rig.sql('SELECT 1 FROM originals WHERE lost_at IS NOT NULL')).toEqual([]);
  });

  test('an orphan that a row names since an apply was killed behind its move: it is put back', async () => {
    await rig.ready();
    const key = (await plant('orphan_object')).split(' ')[1] ?? '';
    const { run } = await rig.scan();
    const dying = goneBehindAMove();
    await expect(rig.apply(run.id, { objects: dying })).rejects.toThrow('the process is gone');
    expect(await rig.objects.stat(ref(key))).toBeUndefined();
    await rig.sql('UPDATE originals SET object_key = $1', [key]);
    await rig.work();
    expect((await rig.get(run.id)).findings).toMatchObject([{ state: 'skipped' }]);
    expect((await rig.objects.read(ref(key)))?.toString()).toBe('orphan');
  });

  test('an object that was replaced, or is there again', async () => {
    await rig.ready();
    const orphan = (await plant('orphan_object')).split(' ')[1] ?? '';
    const { outputKey, imageId } = await rig.ready();
    await rig.objects.remove(ref(outputKey));
    const scanned = await rig.scan();
    await rig.objects.write(ref(orphan), Buffer.from('another'), 'image/jpeg');
    await rig.objects.write(ref(outputKey), Buffer.from(`result of ${imageId}`), 'image/jpeg');
    const { run, findings } = await rig.apply(scanned.run.id);
    expect(run).toMatchObject({ state: 'applied', outcome: { applied: 0, skipped: 2 } });
    expect(findings.every(({ state }) => state === 'skipped')).toBe(true);
    expect((await rig.objects.read(ref(orphan)))?.toString()).toBe('another');
  });

  test('not what the same run has repaired: several results of one image are one repair', async () => {
    const image = await imageOfThree();
    for (const key of image.keys) await rig.objects.remove(ref(key));
    await rig.ready();
    const scanned = await rig.scan();
    expect(names(scanned)).toEqual(Array(3).fill(`missing_output ${image.imageId}`));
    const { run, findings } = await rig.apply(scanned.run.id);
    expect(run.outcome).toEqual({ applied: 3, skipped: 0, undone: 0 });
    expect(findings.map(({ outcome }) => outcome)).toEqual([
      'The image is made once more.',
      'As finding 1: The image is made once more.',
      'As finding 1: The image is made once more.',
    ]);
    expect(await rig.sql('SELECT 1 FROM jobs')).toHaveLength(1);
  });

  test('a row that is another version', async () => {
    await rig.ready();
    await plant('stuck_queued');
    const scanned = await rig.scan();
    await rig.sql('UPDATE images SET name = $1', ['touched']);
    expect((await rig.apply(scanned.run.id)).findings).toMatchObject([
      { state: 'skipped', outcome: 'The row has changed since, or is gone.' },
    ]);
  });
});

describe('a run under way', () => {
  test('of the installation is alone, and one of a project is alone with those of others', async () => {
    const ofProject = { projectId: rig.project, accountId: rig.owner };
    const other = newId('prj');
    await rig.store.account(rig.owner).read.projects.create(rig.owner, other, 'Other');
    const start = (projectId?: string) =>
      rig.admin.transaction((tx) => startRun(actOf(tx), { projectId, deep: false }));
    const { run: scanned } = await rig.scan();

    const whole = await rig.ask();
    for (const projectId of [undefined, rig.project])
      await expect(start(projectId)).rejects.toThrow(
        `Run ${whole} of the whole installation is queued, and looks at the same. Wait for it, or cancel it.`,
      );
    expect(await rig.runs.schedule(newId('rec'), new Date())).toBe('busy');
    await rig.work();

    const mine = await rig.ask(ofProject);
    for (const projectId of [undefined, rig.project])
      await expect(start(projectId)).rejects.toThrow(`Run ${mine} of project ${rig.project} is queued`);
    await expect(rig.admin.transaction((tx) => applyRun(actOf(tx), scanned.id, undefined))).rejects.toThrow(
      `Run ${mine} of project ${rig.project} is queued`,
    );
    expect((await start(other)).projectId).toBe(other);
    expect(await rig.work()).toEqual(['scanned', 'scanned']);
  });

  test('has begun once, of many that are asked for in the same moment', async () => {
    const asked = Array.from({ length: 6 }, (_, n) =>
      rig.ask(n % 2 === 0 ? {} : { projectId: rig.project, accountId: rig.owner }),
    );
    const made = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
    expect(made).toHaveLength(1);
    expect(await rig.work()).toEqual(['scanned']);
  });

  test('goes on with another worker where the first was killed, and finds each thing once', async () => {
    for (let n = 0; n < 6; n += 1) await plant('missing_output');
    const id = await rig.ask();
    let reads = 0;
    const dying: Objects = {
      ...rig.objects,
      async *list(bucket, options) {
        // One object a page, so that there is a middle.
        for await (const page of rig.objects.list(bucket, options))
          for (const object of page) {
            reads += 1;
            if (reads > 4) throw new Error('the process is gone');
            yield [object];
          }
      },
    };
    // Every page is a checkpoint.
    const now = performance.now;
    let clock = 0;
    performance.now = () => (clock += 2_000);
    try {
      await expect(workOnDueRun({ ...rig.deps, objects: dying }, never)).rejects.toThrow(
        'the process is gone',
      );
    } finally {
      performance.now = now;
    }
    const half = await rig.get(id);
    expect(half.run.state).toBe('scanning');
    expect(half.run.checkpoint?.after).not.toBe('');
    await rig.work();
    const whole = await rig.get(id);
    expect(whole.run.state).toBe('scanned');
    expect(new Set(names(whole)).size).toBe(6);
    expect(whole.findings).toHaveLength(6);
  });

  test('keeps the progress that was told last while its lease is renewed', async () => {
    await plant('orphan_object');
    await rig.ready();
    const id = await rig.ask();
    const read = async () => {
      const [row] = await rig.sql<{ until: string; progress: { phase: string; objects: number } }>(
        'SELECT lease_until::text AS until, progress FROM reconcile_runs WHERE id = $1',
        [id],
      );
      if (!row) throw new Error('the run is gone');
      return row;
    };
    let seen: Awaited<ReturnType<typeof read>> | undefined;
    const objects: Objects = {
      ...rig.objects,
      async *listLeftovers(bucket, signal) {
        if (!seen) {
          const before = await read();
          await expect.poll(async () => (await read()).until, { timeout: 25_000 }).not.toBe(before.until);
          seen = await read();
          expect(seen.progress).toEqual(before.progress);
        }
        yield* rig.objects.listLeftovers(bucket, signal);
      },
    };
    expect(await rig.work({ objects, leaseMs: 600 })).toEqual(['scanned']);
    expect(seen?.progress).toMatchObject({ phase: 'ledger', objects: 3 });
  });

  test('is void for a worker that lost it', async () => {
    await fillHealthy(1);
    const id = await rig.ask();
    const first = await rig.runs.claim(1);
    if (!first) throw new Error('there was none');
    await rig.sql(`UPDATE reconcile_runs SET lease_until = now() - interval '1 s'`);
    await rig.work();
    expect(await rig.runs.saveProgress(first, first.progress, 1_000)).toBe('lost');
    expect(await rig.runs.endScan(first, { state: 'failed', reason: null, changesMax: null })).toBe(false);
    expect((await rig.get(id)).run.state).toBe('scanned');
  });

  test('ends when it is canceled', async () => {
    await fillHealthy(1);
    const id = await rig.ask();
    const objects: Objects = {
      ...rig.objects,
      async *list(bucket, options) {
        await rig.admin.transaction((tx) => tx.reconcile.cancel(id));
        yield* rig.objects.list(bucket, options);
      },
    };
    expect(await rig.work({ objects })).toEqual(['canceled']);
    const { run } = await rig.get(id);
    expect(run).toMatchObject({ state: 'canceled', changesMax: null });
    expect(refuseApply(run, run.id, new Date())).toContain('nothing to apply');
  });

  test('that is canceled before it began, or when its worker is gone, has ended at once', async () => {
    const id = await rig.ask();
    await rig.admin.transaction((tx) => tx.reconcile.cancel(id));
    expect(await rig.work()).toEqual([]);
    const abandoned = await rig.ask();
    const held = await rig.runs.claim(60_000);
    if (!held) throw new Error('there was none');
    await rig.admin.transaction((tx) => tx.reconcile.cancel(abandoned));
    expect((await rig.get(abandoned)).run.state).toBe('scanning');
    await rig.sql(`UPDATE reconcile_runs SET lease_until = now() - interval '1 s' WHERE id = $1`, [
      abandoned,
    ]);
    await rig.admin.transaction((tx) => tx.reconcile.cancel(abandoned));
    expect(await rig.work()).toEqual([]);
    expect((await rig.get(abandoned)).run.state).toBe('canceled');
    expect(await rig.runs.saveProgress(held, held.progress, 1_000)).toBe('lost');
  });
});

describe('what was put aside', () => {
  test('is put back by undo, where its place is free', async () => {
    await rig.ready();
    const keys: string[] = [];
    for (let n = 0; n < 3; n += 1) keys.push((await plant('orphan_object')).split(' ')[1] ?? '');
    const { run } = await rig.scan();
    await rig.apply(run.id);
    for (const key of keys) expect(await rig.objects.stat(ref(key))).toBeUndefined();
    await rig.objects.write(ref(keys[0] ?? ''), Buffer.from('newer'), 'image/jpeg');
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'undo', 'auth0|admin', false));
    await rig.work();
    const undone = await rig.get(run.id);
    expect(undone.run).toMatchObject({ state: 'undone', outcome: { applied: 1, undone: 2 } });
    const bodies = await Promise.all(keys.map(async (key) => (await rig.objects.read(ref(key)))?.toString()));
    expect(bodies).toEqual(['newer', 'orphan', 'orphan']);
  });

  test('is put back also when an apply was killed behind its move, and canceled', async () => {
    await rig.ready();
    const key = (await plant('orphan_object')).split(' ')[1] ?? '';
    const { run } = await rig.scan();
    const dying = goneBehindAMove();
    await expect(rig.apply(run.id, { objects: dying })).rejects.toThrow('the process is gone');
    await rig.admin.transaction((tx) => tx.reconcile.cancel(run.id));
    expect((await rig.get(run.id)).run.state).toBe('canceled');
    expect(await rig.objects.stat(ref(key))).toBeUndefined();
    await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'undo', 'auth0|admin', false));
    await rig.work();
    expect((await rig.objects.read(ref(key)))?.toString()).toBe('orphan');
  });

  test('is told of under the name of whoever has asked, also when a run is applied once more behind an undo', async () => {
    await rig.ready();
    await plant('missing_output');
    const { run } = await rig.scan();
    await rig.sql(`UPDATE reconcile_runs SET undone_by = 'auth0|other' WHERE id = $1`, [run.id]);
    await rig.apply(run.id);
    const acts = await rig.sql(
      `SELECT principal FROM audit WHERE action = 'reconcile.repair' AND detail LIKE $1`,
      [`${run.id} %`],
    );
    expect(acts).toEqual([{ principal: 'auth0|admin' }]);
  });

  test('is removed for good after seven days, not before', async () => {
    await rig.ready();
    await plant('orphan_object');
    const { run } = await rig.scan();
    await rig.apply(run.id);
    const daysLater = (days: number) => ({ ...rig.deps, store: ahead(rig.runs, days * DAY_MS) });
    // The clock of the worker says nothing.
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * DAY_MS });
    try {
      expect(await purgeKept(daysLater(0), never)).toEqual({ removed: 0, left: 0 });
    } finally {
      vi.useRealTimers();
    }
    expect(await purgeKept(daysLater(6.9), never)).toEqual({ removed: 0, left: 0 });
    expect((await keysOf(rig.objects, 'photos')).some((key) => key.startsWith('quarantine/'))).toBe(true);
    expect(await purgeKept(daysLater(7.1), never)).toEqual({ removed: 1, left: 0 });
    expect((await keysOf(rig.objects, 'photos')).some((key) => key.startsWith('quarantine/'))).toBe(false);
  });

  test('and has changed there stays known and listed for as long again, and undo puts back what is there', async () => {
    await rig.ready();
    const key = (await plant('orphan_object')).split(' ')[1] ?? '';
    const { run } = await rig.scan();
    await rig.apply(run.id);
    const [kept] = await rig.runs.keptOf(run.id, 0, 1);
    if (!kept) throw new Error('nothing was put aside');
    await rig.objects.write(kept.kept, Buffer.from('written past us'), 'image/jpeg');
    const undo = async () => {
      await rig.admin.transaction((tx) => tx.reconcile.queue(run.id, 'undo', 'auth0|admin', false));
      await rig.work();
      return (await rig.get(run.id)).findings[0];
    };
    expect(await undo()).toMatchObject({
      state: 'applied',
      outcome: `It could not be put back: ${kept.kept.key} has changed.`,
    });
    const daysLater = (days: number) => ({ ...rig.deps, store: ahead(rig.runs, days * DAY_MS) });
    expect(await purgeKept(daysLater(7.1), never)).toEqual({ removed: 0, left: 1 });
    expect((await rig.get(run.id)).findings).toMatchObject([
      { state: 'applied', outcome: expect.stringContaining('has changed there') },
    ]);
    expect(await purgeKept(daysLater(14), never)).toEqual({ removed: 0, left: 0 });
    expect(await undo()).toMatchObject({ state: 'undone' });
    expect((await rig.objects.read(ref(key)))?.toString()).toBe('written past us');
    expect(await rig.runs.keptOf(run.id, 0, 1)).toEqual([]);
  });

  test('is put back when a row misses it', async () => {
    const { originalId, originalKey } = await rig.ready();
    await rig.ready();
    const [row] = await rig.sql<{ object_key: string }>('SELECT object_key FROM originals WHERE id = $1', [
      originalId,
    ]);
    await rig.sql('UPDATE originals SET object_key = $2 WHERE id = $1', [originalId, 'originals/elsewhere']);
    const orphans = await rig.scan({ kinds: ['orphan_object'] });
    await rig.apply(orphans.run.id);
    await rig.sql('UPDATE originals SET object_key = $2 WHERE id = $1', [originalId, row?.object_key]);
    const missing = await rig.scan();
    expect(names(missing)).toEqual([`missing_original ${originalId}`]);
    expect((await rig.apply(missing.run.id)).findings).toMatchObject([
      { state: 'applied', outcome: expect.stringContaining('is put back') },
    ]);
    expect((await rig.objects.read(ref(originalKey)))?.toString()).toBe(`bytes of ${originalId}`);
    expect(names(await rig.scan())).toEqual([]);
  });
});

test('what nobody can make again is kept: an image without its original loses what is missing, and no more', async () => {
  const { imageId, originalKey, keys } = await imageOfThree();
  await rig.ready();
  const [first = '', second = '', third = ''] = keys;
  for (const key of [originalKey, second]) await rig.objects.remove(ref(key));
  await rig.apply((await rig.scan()).run.id);
  const stateOf = async () =>
    (await rig.sql<{ state: string }>('SELECT state FROM images WHERE id = $1', [imageId]))[0]?.state;
  expect(await stateOf()).toBe('ready');
  expect(names(await rig.scan())).toEqual([]);
  expect(await keysOf(rig.objects, 'photos')).toEqual(expect.arrayContaining([first, third]));
  await rig.objects.remove(ref(first));
  await rig.apply((await rig.scan()).run.id);
  expect(await stateOf()).toBe('error');
});

test('an image keeps the first error that it had, and a photo that was lost can be sent again', async () => {
  const { imageId, originalId, originalKey } = await rig.ready();
  await rig.ready();
  const error = { code: 'engine_failed', message: 'first', hint: null, retryable: false };
  await rig.sql(`UPDATE images SET state = 'error', error = $2 WHERE id = $1`, [imageId, error]);
  await rig.objects.remove(ref(originalKey));
  await rig.apply((await rig.scan()).run.id);
  const [image] = await rig.sql<{ error: { code: string } }>('SELECT error FROM images WHERE id = $1', [
    imageId,
  ]);
  expect(image?.error.code).toBe('engine_failed');
  const { read } = rig.store.account(rig.owner);
  const hash = originalKey.split('/').at(-1) ?? '';
  expect(await read.originals.findBySha256(rig.owner, [hash])).toEqual([]);
  const [original] = await read.originals.getMany(rig.owner, [originalId]);
  if (!original) throw new Error('its row is gone');
  const [again] = await read.originals.upsert(rig.owner, [{ ...original, id: newId('org') }]);
  expect(again?.id).toBe(originalId);
  expect(await read.originals.findBySha256(rig.owner, [hash])).toHaveLength(1);
});

test('the role of workers can neither ask for an apply nor for an undo', async () => {
  await rig.scan();
  const client = new pg.Client(rig.workerUrl);
  await client.connect();
  try {
    for (const set of [`applied_by = 'me'`, `undone_by = 'me'`, 'override = true']) {
      await expect(client.query(`UPDATE reconcile_runs SET ${set}`)).rejects.toThrow('permission denied');
    }
    for (const state of ['apply_queued', 'applying', 'undo_queued', 'undoing']) {
      await expect(client.query('UPDATE reconcile_runs SET state = $1', [state])).rejects.toThrow(
        'check constraint',
      );
    }
    await expect(
      client.query(
        `INSERT INTO reconcile_runs (id, requested_by, state, applied_by) VALUES ('x', 'me', 'applying', 'me')`,
      ),
    ).rejects.toThrow('permission denied');
  } finally {
    await client.end();
  }
});

test('a schedule begins one dry run, however many workers look', async () => {
  const due = new Date(Date.now() - 1_000);
  expect(await rig.runs.schedule(newId('rec'), due)).toBe('made');
  await rig.work();
  expect(await rig.runs.schedule(newId('rec'), due)).toBe('there');
  const { items } = await rig.admin.transaction((tx) => tx.reconcile.list({ limit: 10, after: null }));
  expect(items).toMatchObject([
    { scheduled: true, requestedBy: 'schedule', state: 'scanned', appliedBy: null },
  ]);
});
