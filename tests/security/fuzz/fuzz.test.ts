import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routeList } from '../../../server/src/contract/index.ts';
import { repoRoot } from '../../support/stack.ts';
import { startWorld, type World } from '../world.ts';
import { type FuzzReport, fuzz } from './run.ts';

/** `npm run fuzz` sets both; here a short form of it runs, with the same seed each time. */
const INPUTS = Number(process.env['STAGER_FUZZ_INPUTS'] ?? 50);
const SEED = Number(process.env['STAGER_FUZZ_SEED'] ?? 1);
const PER_INPUT_MS = 100;

let world: World;
const reports: FuzzReport[] = [];
beforeAll(async () => {
  world = await startWorld();
});
afterAll(async () => {
  await world.close();
  mkdirSync(join(repoRoot, 'coverage'), { recursive: true });
  writeFileSync(join(repoRoot, 'coverage/fuzz.json'), JSON.stringify({ seed: SEED, reports }));
});

describe(`what is generated from the schemas, seed ${SEED}`, () => {
  test.each(routeList.map((route) => [route.name, route] as const))(
    `%s answers ${INPUTS} inputs with its own codes, at once, and tells nothing of its inside`,
    async (_name, route) => {
      const report = await fuzz(world, route, { inputs: INPUTS, seed: SEED });
      reports.push(report);
      expect(report.failures.slice(0, 5)).toEqual([]);
      expect(report.reached / report.inputs, 'share that reaches validation').toBeGreaterThanOrEqual(0.9);
      expect(report.passed / report.inputs, 'share that passes it').toBeGreaterThanOrEqual(0.2);
    },
    180_000 + INPUTS * PER_INPUT_MS,
  );
});
