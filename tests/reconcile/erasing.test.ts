import { afterAll, beforeAll, expect, test } from 'vitest';
import { eraseDueAccount } from '../../server/src/core/admin/eraseAccount.ts';
import { newId } from '../../server/src/core/ids.ts';
import { createPostgresDeletionJobs } from '../../server/src/infra/postgres/index.ts';
import type { DeletionJobs } from '../../server/src/ports/index.ts';
import { makeAccount } from '../support/fixtures.ts';
import { keysOf } from '../support/keys.ts';
import { nameOf, PLANTS, type Rig, ref, type Scanned, startRig } from './rig.ts';

const never = new AbortController().signal;
let rig: Rig;
let deletions: DeletionJobs;
beforeAll(async () => {
  rig = await startRig();
  deletions = createPostgresDeletionJobs({ url: rig.workerUrl, pool: 1 });
});
afterAll(async () => {
  await deletions.close();
  await rig.close();
});

const names = ({ findings }: Scanned) => findings.map(nameOf).sort();

test('of an account that is being deleted nothing is found and nothing is repaired, however far that is', async () => {
  const accountId = await makeAccount(rig.store);
  for (let n = 0; n < 3; n += 1) await rig.ready({ accountId });
  const { imageId, outputKey } = await rig.ready({ accountId });
  await rig.objects.remove(ref(outputKey));
  const elsewhere = `missing_output ${imageId}`;
  // What is wrong with the one before is found as long as nobody deletes it.
  for (let n = 0; n < 3; n += 1) await rig.ready();
  const planted: string[] = [];
  for (const kind of ['stuck_queued', 'job_without_image', 'ledger_mismatch', 'missing_original'] as const)
    planted.push((await PLANTS[kind]?.(rig)) ?? '');
  const orphan = `outputs/${rig.owner}/orphan`;
  await rig.objects.write(ref(orphan), Buffer.from('orphan'), 'image/jpeg');
  const before = await rig.scan();
  expect(names(before)).toEqual([...planted, elsewhere, `orphan_object ${orphan}`].sort());

  await rig.sql(
    `INSERT INTO account_deletions (id, account, requested_by, due_at) VALUES ($1, $2, 'auth0|admin', now())`,
    [newId('del'), rig.owner],
  );
  const found: string[][] = [];
  const look = async () => found.push(names(await rig.scan()));
  let applied: Scanned | undefined;
  const watched: DeletionJobs = {
    ...deletions,
    async note(...args) {
      const noted = await deletions.note(...args);
      // Objects of this account are still there.
      await look();
      applied ??= await rig.apply(before.run.id);
      return noted;
    },
    async eraseRows(...args) {
      await look();
      return deletions.eraseRows(...args);
    },
  };
  const erased = await eraseDueAccount({ deletions: watched, objects: rig.objects, leaseMs: 60_000 }, never);
  expect(erased?.deletion.accountId).toBe(rig.owner);
  await look();
  expect(found.length).toBeGreaterThan(10);
  expect(found).toEqual(found.map((_, at) => (at === 0 ? [elsewhere] : [])));
  const states = new Map(applied?.findings.map((finding) => [nameOf(finding), finding.state]));
  expect(states.get(elsewhere)).toBe('applied');
  expect(planted.map((name) => states.get(name))).toEqual(planted.map(() => 'skipped'));
  // An orphan that was put aside meanwhile went with the rest.
  expect((await keysOf(rig.objects, 'photos')).filter((key) => key.includes(rig.owner))).toEqual([]);
});
