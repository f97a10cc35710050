import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RECONCILE_KINDS } from '../../server/src/contract/index.ts';
import { refuseApply } from '../../server/src/core/reconcile/commands.ts';
import { FAULTS, type Fault, faultyObjects } from './faulty.ts';
import { type MadeImage, nameOf, PLANTS, type Rig, startRig } from './rig.ts';
import { expectGood, world } from './world.ts';

let rig: Rig;
let good: MadeImage[];
let planted: string[];
beforeAll(async () => {
  rig = await startRig();
});
afterAll(() => rig.close());
beforeEach(async () => {
  await rig.clear();
  good = [await rig.ready(), await rig.ready(), await rig.ready()];
  // The sentinels are placed by the first run.
  expect((await rig.scan()).run.state).toBe('scanned');
  planted = [];
  for (const kind of RECONCILE_KINDS) {
    const plant = PLANTS[kind];
    if (plant) planted.push(await plant(rig));
  }
});

async function callsOf(run: (deps: { objects: Rig['objects'] }) => Promise<unknown>): Promise<number> {
  const { objects, calls } = faultyObjects(rig.objects, null, -1);
  await run({ objects });
  return calls.length;
}

describe('a store that fails while drift is looked for', () => {
  test.each(FAULTS)(
    '%s, at whatever call: nothing is invented, nothing changes, nothing can be applied',
    async (fault: Fault) => {
      const calls = await callsOf((deps) => rig.scan({ deep: true }, deps));
      expect(calls).toBeGreaterThan(20);
      const before = await world(rig);
      for (let at = 0; at < calls; at += 1) {
        const { objects, calls: made } = faultyObjects(rig.objects, fault, at);
        const { run, findings } = await rig.scan({ deep: true }, { objects });
        const call = `${fault} at call ${at}, ${made[at]}`;
        const invented = findings.map(nameOf).filter((name) => !planted.includes(name));
        expect([call, invented]).toEqual([call, []]);
        // A page that is left out, or is short, may hold nothing that is compared: then all the rest was found.
        if (run.state === 'scanned') {
          expect([call, made[at]]).toEqual([call, 'list']);
          expect([call, findings.map(nameOf).sort()]).toEqual([call, planted.toSorted()]);
          continue;
        }
        expect([call, run.state]).toEqual([call, 'failed']);
        expect([call, refuseApply(run, run.id, new Date())]).toEqual([
          call,
          expect.stringContaining('nothing to apply'),
        ]);
      }
      expect(await world(rig)).toEqual(before);
    },
  );
});

describe('a store that fails while findings are acted on', () => {
  test('at whatever call: what is good stays, and the rest is repaired by another apply', async () => {
    const scanned = await rig.scan({ deep: true });
    const calls = await callsOf(async (deps) => {
      const { objects, calls: made } = faultyObjects(deps.objects, null, -1);
      expect((await rig.apply(scanned.run.id, { objects })).run.state).toBe('applied');
      return made;
    });
    expect(calls).toBeGreaterThan(10);
    for (let at = 0; at < calls; at += 2) {
      await rig.clear();
      good = [await rig.ready(), await rig.ready(), await rig.ready()];
      for (const kind of RECONCILE_KINDS) await PLANTS[kind]?.(rig);
      const { run } = await rig.scan({ deep: true });
      const { objects } = faultyObjects(rig.objects, 'unreachable', at);
      const failed = await rig.apply(run.id, { objects });
      await expectGood(rig, good);
      expect(['failed', 'applied']).toContain(failed.run.state);
      expect(refuseApply(failed.run, undefined, new Date())).toBe(
        failed.run.state === 'failed' ? null : expect.any(String),
      );
      if (failed.run.state === 'failed') expect((await rig.apply(run.id)).run.state).toBe('applied');
      await expectGood(rig, good);
      expect((await rig.scan({ deep: true })).findings.map(nameOf)).toEqual([]);
    }
  });
});
