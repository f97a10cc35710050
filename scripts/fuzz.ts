import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './lib/bootstrap.mjs';

const USAGE = `Usage: npm run fuzz -- [--inputs N] [--seed N] [OPERATION]

Sends N inputs (2000) to each operation, generated from its schema: valid ones, such with one thing wrong, and such that
are made to harm. The seed makes a run again.`;
const INPUTS = 2_000;

const Reports = z.object({
  reports: z.array(
    z.object({
      operation: z.string(),
      inputs: z.number(),
      statuses: z.record(z.string(), z.number()),
      reached: z.number(),
      passed: z.number(),
      failures: z.array(z.string()),
    }),
  ),
});

const args = process.argv.slice(2);
const option = (name: string, fallback: number): number => {
  const at = args.indexOf(name);
  return at < 0 ? fallback : Number(args.splice(at, 2)[1]);
};
const inputs = option('--inputs', INPUTS);
const seed = option('--seed', Math.floor(Math.random() * 2 ** 31));
const [operation, ...rest] = args;
if (!Number.isInteger(inputs) || !Number.isInteger(seed) || rest.length > 0 || operation?.startsWith('-')) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(2);
}
process.stdout.write(`seed ${seed}\n`);
const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    'tests/security/fuzz',
    ...(operation ? ['-t', `${operation} answers`] : []),
  ],
  {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, STAGER_FUZZ_INPUTS: String(inputs), STAGER_FUZZ_SEED: String(seed) },
  },
);
const { reports } = Reports.parse(JSON.parse(readFileSync(join(root, 'coverage/fuzz.json'), 'utf8')));
const share = (part: number, whole: number) => `${Math.round((part / whole) * 100)} %`.padStart(6);
for (const { operation: name, inputs: sent, reached, passed, statuses } of reports) {
  const counts = Object.entries(statuses).map(([status, count]) => `${status}: ${count}`);
  process.stdout.write(
    `${name.padEnd(20)} ${sent} inputs, reach validation ${share(reached, sent)}, pass it ${share(passed, sent)}   ${counts.join(', ')}\n`,
  );
}
process.exit(run.status ?? 1);
