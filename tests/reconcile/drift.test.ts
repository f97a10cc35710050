import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RECONCILE_KINDS, type ReconcileKind } from '../../server/src/contract/index.ts';
import { keysOf } from '../support/keys.ts';
import { findFaults } from '../support/ledger.ts';
import { nameOf, PLANTS, type Plant, type Rig, ref, type Scanned, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig();
});
afterEach(() => rig.clear());
afterAll(() => rig.close());

const names = ({ findings }: Scanned) => findings.map(nameOf).sort();
/** Those that a test can plant without Stripe, parts of uploads or the ledger. */
const KINDS = RECONCILE_KINDS.filter((kind) => PLANTS[kind] !== undefined);

async function plant(kind: ReconcileKind): Promise<string> {
  const how: Plant | undefined = PLANTS[kind];
  if (!how) throw new Error(`nobody knows how to plant ${kind}`);
  return how(rig);
}

describe('drift', () => {
  test('there is none in what is as it should be, and both sides empty are as they should be', async () => {
    expect(await rig.scan()).toMatchObject({ run: { state: 'scanned', reason: null }, findings: [] });
    for (let n = 0; n < 5; n += 1) await rig.ready();
    expect(await rig.scan({ deep: true })).toMatchObject({ run: { state: 'scanned' }, findings: [] });
  });

  test('whatever it is, all of it is found and none is invented; once applied, none is left', async () => {
    const drift = fc.array(fc.constantFrom(...KINDS), { maxLength: 14 });
    await fc.assert(
      fc.asyncProperty(drift, fc.integer({ min: 1, max: 4 }), async (kinds, healthy) => {
        await rig.clear();
        const good = [];
        for (let n = 0; n < healthy; n += 1) good.push(await rig.ready());
        const planted: string[] = [];
        for (const kind of kinds) planted.push(await plant(kind));
        const scanned = await rig.scan({ deep: true });
        expect(names(scanned)).toEqual(planted.sort());
        const applied = await rig.apply(scanned.run.id);
        expect(applied.run.state).toBe('applied');
        expect(applied.findings.filter(({ state }) => state !== 'applied')).toEqual([]);
        const photos = await keysOf(rig.objects, 'photos');
        for (const { originalKey, outputKey } of good) {
          expect(photos).toContain(originalKey);
          expect(photos).toContain(outputKey);
        }
        expect(names(await rig.scan({ deep: true }))).toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  test('bytes are compared only when asked for', async () => {
    await plant('hash_mismatch');
    expect(names(await rig.scan())).toEqual([]);
    expect(names(await rig.scan({ deep: true }))).toHaveLength(1);
  });

  test('only the kinds that were asked for are looked for', async () => {
    const planted = new Map<ReconcileKind, string>();
    for (const kind of KINDS) planted.set(kind, await plant(kind));
    for (const kind of KINDS) {
      expect(names(await rig.scan({ kinds: [kind], deep: true }))).toEqual([planted.get(kind)]);
    }
  });

  test('of a project, what belongs to it', async () => {
    const mine = await rig.ready({ projectId: rig.project });
    const other = await rig.ready();
    for (const { outputKey } of [mine, other]) await rig.objects.remove(ref(outputKey));
    await plant('orphan_object');
    const scanned = await rig.scan({ projectId: rig.project, accountId: rig.owner });
    expect(names(scanned)).toEqual([`missing_output ${mine.imageId}`]);
  });

  test('a project without photos is as it should be, whatever else its account has', async () => {
    await rig.ready();
    const { run } = await rig.scan({ projectId: rig.project, accountId: rig.owner });
    expect(run).toMatchObject({ state: 'scanned', reason: null, checkpoint: { findings: 0 } });
  });

  test('what is young is given time', async () => {
    await rig.ready();
    for (const kind of ['orphan_object', 'stuck_queued', 'job_without_image', 'upload_unfinalized'] as const)
      await plant(kind);
    expect(names(await rig.scan({}, { store: rig.runs }))).toEqual([]);
  });

  test('an object whose removal was ordered is no orphan', async () => {
    await rig.ready();
    const name = await plant('orphan_object');
    const key = name.split(' ')[1];
    await rig.sql(`INSERT INTO outbox (kind, item) VALUES ('remove_object', $1)`, [
      JSON.stringify({ kind: 'remove_object', bucket: 'photos', key }),
    ]);
    expect(names(await rig.scan())).toEqual([]);
  });
});

test('a repaired ledger has each image that is ready paid once, no other, and sums that add up', async () => {
  for (let n = 0; n < 3; n += 1) await rig.ready();
  const planted: string[] = [];
  for (let n = 0; n < 10; n += 1) planted.push(await plant('ledger_mismatch'));
  const scanned = await rig.scan();
  expect(names(scanned)).toEqual(planted.sort());
  const applied = await rig.apply(scanned.run.id);
  expect(applied.findings.map(({ state }) => state)).toEqual(planted.map(() => 'applied'));
  expect(await findFaults(rig.superuserUrl, rig.owner)).toEqual([]);
});

test('an image that an operator has replayed at no cost owes nothing', async () => {
  const { imageId } = await rig.ready();
  const error = { code: 'worker_lost', message: 'x', hint: null, retryable: true };
  // As it fails, is replayed and made: each in a transaction of its own.
  for (const [state, why] of [
    ['error', error],
    ['queued', null],
    ['ready', null],
  ] as const)
    await rig.sql('UPDATE images SET state = $2, error = $3, updated_at = now() WHERE id = $1', [
      ...[imageId, state, why],
    ]);
  expect(await rig.sql('SELECT state FROM ledger WHERE image_id = $1', [imageId])).toEqual([
    { state: 'refunded' },
  ]);
  expect((await rig.scan({ kinds: ['ledger_mismatch'] })).findings).toEqual([]);
});

test('images from before there was a ledger are paid by nobody', async () => {
  const [old, paid] = [await rig.ready(), await rig.ready()];
  await rig.sql('DELETE FROM ledger WHERE image_id = $1', [old.imageId]);
  await rig.sql(`UPDATE images SET created_at = created_at - interval '1 day' WHERE id = $1`, [old.imageId]);
  await rig.sql('UPDATE ledger SET reserved_at = now() WHERE image_id = $1', [paid.imageId]);
  expect(names(await rig.scan())).toEqual([]);
});

describe('a unit that nothing is done about is not called settled', () => {
  async function givenBack(): Promise<string> {
    const { imageId } = await rig.ready();
    await rig.sql(`SELECT refund_unit($1, $2, 'canceled')`, [rig.owner, imageId]);
    return imageId;
  }
  const decide = async (meanwhile: (imageId: string) => Promise<unknown>) => {
    const imageId = await givenBack();
    const scanned = await rig.scan();
    expect(names(scanned)).toEqual([`ledger_mismatch ${imageId}`]);
    await meanwhile(imageId);
    return (await rig.apply(scanned.run.id)).findings;
  };

  test('when somebody has set it right since', async () => {
    const findings = await decide((imageId) =>
      rig.sql('SELECT catch_up_unit($1, $2, NULL)', [rig.owner, imageId]),
    );
    expect(findings).toMatchObject([{ state: 'skipped', outcome: 'The unit has been set right since.' }]);
  });

  test('when there is no period of usage to count it in', async () => {
    const findings = await decide((imageId) =>
      rig.sql(
        `WITH u AS (DELETE FROM ledger WHERE image_id = $1), d AS (DELETE FROM usage_days) DELETE FROM usage_periods`,
        [imageId],
      ),
    );
    expect(findings).toMatchObject([
      { state: 'skipped', outcome: expect.stringContaining('Nothing was done') },
    ]);
  });
});

describe('undo of an object that did not fit its row', () => {
  const undo = async (runId: string) => {
    await rig.admin.transaction((tx) => tx.reconcile.queue(runId, 'undo', 'auth0|admin', false));
    await rig.work();
    return rig.get(runId);
  };

  test('of an original puts back what was found: its row counts on it again, and it is no orphan', async () => {
    await rig.ready();
    const { originalId, originalKey } = await rig.ready();
    await rig.objects.write(ref(originalKey), Buffer.from('torn'), 'image/jpeg');
    const scanned = await rig.scan();
    expect(names(scanned)).toEqual([`size_mismatch ${originalId}`]);
    for (let { id } = scanned.run, round = 0; round < 2; round += 1) {
      await rig.apply(id);
      const [row] = await rig.sql('SELECT lost_at FROM originals WHERE id = $1', [originalId]);
      expect(row).not.toEqual({ lost_at: null });
      expect((await undo(id)).findings).toMatchObject([
        { state: 'undone', outcome: 'It is put back, and its row counts on it again.' },
      ]);
      expect((await rig.objects.read(ref(originalKey)))?.toString()).toBe('torn');
      const next = await rig.scan();
      expect(names(next)).toEqual([`size_mismatch ${originalId}`]);
      id = next.run.id;
    }
  });

  test('of a result that was made once more leaves it put aside: it does not come back as an orphan', async () => {
    await rig.ready();
    const { outputKey } = await rig.ready();
    await rig.objects.write(ref(outputKey), Buffer.from('torn'), 'image/jpeg');
    const { run } = await rig.apply((await rig.scan()).run.id);
    const { findings } = await undo(run.id);
    expect(findings).toMatchObject([
      { state: 'applied', outcome: expect.stringContaining('no row names it any more') },
    ]);
    expect(await rig.runs.keptOf(run.id, 0, 10)).toHaveLength(1);
    expect(await rig.objects.stat(ref(outputKey))).toBeUndefined();
    expect(names(await rig.scan())).not.toContain(`orphan_object ${outputKey}`);
  });

  test('of an original that was sent again leaves the new one', async () => {
    await rig.ready();
    const { originalId, originalKey } = await rig.ready();
    await rig.objects.write(ref(originalKey), Buffer.from('torn'), 'image/jpeg');
    const { run } = await rig.apply((await rig.scan()).run.id);
    await rig.objects.write(ref(originalKey), Buffer.from(`bytes of ${originalId}`), 'image/jpeg');
    await rig.sql('UPDATE originals SET lost_at = NULL');
    expect((await undo(run.id)).findings).toMatchObject([
      { state: 'applied', outcome: expect.stringContaining('another object in its place') },
    ]);
    expect(names(await rig.scan({ deep: true }))).toEqual([]);
  });
});
