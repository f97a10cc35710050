import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { measure, WORKSPACES } from './coverage/measure.ts';
import { root } from './lib/bootstrap.mjs';

/** Percent of lines and of branches, in every workspace. */
const LEAST = 90;

// Every process of the run, children included, writes what V8 counted into this folder.
const raw = join(root, 'coverage', 'raw');
rmSync(raw, { recursive: true, force: true });
mkdirSync(raw, { recursive: true });
const run = spawnSync(process.execPath, [join(root, 'scripts/test/main.ts'), ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, NODE_V8_COVERAGE: raw, STAGER_CLI_SOURCE: '1' },
});

const onServices = process.env['STAGER_TEST_SERVICES'] === '1';
const shares = await measure(raw, root, onServices);
if (!onServices)
  process.stdout.write('\nleft out: the adapters of the services profile (STAGER_TEST_SERVICES=1)\n');
let failed = run.status !== 0;
process.stdout.write('\nworkspace    lines  branches\n');
for (const workspace of WORKSPACES) {
  const { lines, branches, worst } = shares[workspace];
  const low = lines < LEAST || branches < LEAST;
  failed ||= low;
  process.stdout.write(
    `${workspace.padEnd(10)} ${lines.toFixed(1).padStart(6)} ${branches.toFixed(1).padStart(8)}${low ? `  below ${LEAST} %` : ''}\n`,
  );
  if (low || process.argv.includes('--worst'))
    for (const line of worst) process.stdout.write(`    ${line}\n`);
}
process.exit(failed ? 1 : 0);
