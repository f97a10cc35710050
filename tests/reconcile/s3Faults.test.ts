import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { RECONCILE_KINDS } from '../../server/src/contract/index.ts';
import { refuseApply } from '../../server/src/core/reconcile/commands.ts';
import { createS3Objects } from '../../server/src/infra/objects/s3/index.ts';
import type { Objects } from '../../server/src/ports/index.ts';
import {
  type MemoryS3,
  OF_LISTINGS,
  STORE_FAULTS,
  type StoreFault,
  startMemoryS3,
} from '../support/memoryS3.ts';
import { s3Options } from '../support/minio.ts';
import { type MadeImage, nameOf, PLANTS, type Rig } from './rig.ts';
import { startS3Rig } from './s3Rig.ts';
import { expectGood, world } from './world.ts';

/** Longest silence for who is to meet one: three tries of it are waited for. */
const IDLE_MS = 50;
let server: MemoryS3;
let rig: Rig;
/** Gives up soon, also where the machine stood still: for a store that says nothing at all. */
let impatient: Objects & { close(): void };
let good: MadeImage[];
let planted: string[];
beforeAll(async () => {
  server = await startMemoryS3();
  rig = await startS3Rig(server);
  impatient = createS3Objects({ ...s3Options(server.port), idleMs: IDLE_MS });
});
afterAll(async () => {
  impatient.close();
  await rig.close();
});
beforeEach(async () => {
  server.strike(null, 0);
  await rig.clear();
  await fill();
});

async function fill(): Promise<void> {
  good = [await rig.ready(), await rig.ready(), await rig.ready()];
  // The sentinels are placed by the first run.
  expect((await rig.scan()).run.state).toBe('scanned');
  planted = [];
  for (const kind of RECONCILE_KINDS) {
    const plant = PLANTS[kind];
    if (plant) planted.push(await plant(rig));
  }
}

async function callsOf(run: () => Promise<unknown>): Promise<readonly string[]> {
  server.strike(null, 0);
  await run();
  return server.calls;
}

/** Numbers of the requests at which it makes sense. An outage is waited for: each request meets one or the other. */
function placesOf(fault: StoreFault, calls: readonly string[]): number[] {
  const places = calls.flatMap((call, at) => (OF_LISTINGS.includes(fault) && call !== 'LIST' ? [] : [at]));
  if (fault === 'failing') return places.filter((at) => at % 2 === 0);
  if (fault === 'silent') return places.filter((at) => at % 2 === 1);
  return places;
}

describe('an S3 that fails while drift is looked for', () => {
  test.each(STORE_FAULTS)(
    '%s, at whatever request: nothing is invented, nothing changes, nothing can be applied',
    async (fault) => {
      const places = placesOf(fault, await callsOf(() => rig.scan({ deep: true })));
      expect(places.length).toBeGreaterThan(5);
      const before = await world(rig);
      for (const at of places) {
        server.strike(fault, at);
        const deps = fault === 'silent' ? { objects: impatient } : {};
        const { run, findings } = await rig.scan({ deep: true }, deps);
        const call = `${fault} at request ${at}, ${server.calls[at]}`;
        const invented = findings.map(nameOf).filter((name) => !planted.includes(name));
        expect([call, invented]).toEqual([call, []]);
        // What a page has lost may be what nothing is compared with: then all the rest was found.
        if (run.state === 'scanned') {
          expect(OF_LISTINGS).toContain(fault);
          expect([call, findings.map(nameOf).sort()]).toEqual([call, planted.toSorted()]);
          continue;
        }
        expect([call, run.state]).toEqual([call, 'failed']);
        expect([call, refuseApply(run, run.id, new Date())]).toEqual([
          call,
          expect.stringContaining('nothing to apply'),
        ]);
      }
      server.strike(null, 0);
      expect(await world(rig)).toEqual(before);
    },
  );
});

describe('an S3 that fails while findings are acted on', () => {
  test('at whatever request: what is good stays, and the rest is repaired by another apply', async () => {
    const { run: first } = await rig.scan({ deep: true });
    const calls = await callsOf(() => rig.apply(first.id));
    expect(calls.length).toBeGreaterThan(10);
    // Every third one, each fault in turn.
    for (let at = 0; at < calls.length; at += 3) {
      server.strike(null, 0);
      await rig.clear();
      await fill();
      const { run } = await rig.scan({ deep: true });
      server.strike(at % 2 === 0 ? 'forbidden' : 'failing', at);
      const failed = await rig.apply(run.id);
      server.strike(null, 0);
      await expectGood(rig, good);
      expect(['failed', 'applied']).toContain(failed.run.state);
      if (failed.run.state === 'failed') expect((await rig.apply(run.id)).run.state).toBe('applied');
      // What one answer of 403 was about is skipped, and found once more.
      if (failed.run.outcome.skipped > 0) await rig.apply((await rig.scan({ deep: true })).run.id);
      await expectGood(rig, good);
      expect((await rig.scan({ deep: true })).findings.map(nameOf)).toEqual([]);
    }
  });
});
