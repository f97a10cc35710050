import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { root } from './lib/bootstrap.mjs';

const Guards = z.array(
  z.strictObject({
    guard: z.string(),
    file: z.string(),
    /** Stands in the file exactly once. */
    find: z.string(),
    replace: z.string(),
    /** Test file that must turn red. */
    test: z.string(),
    /** Part of the name of the test, when one file holds many. */
    name: z.string().optional(),
  }),
);

/*
 * For each guard the one-line change that takes it away, and the test that must notice. A guard whose test stays
 * green is not guarded. Files are put back whatever happens; run it on a clean tree.
 */
const wanted = process.argv.slice(2);
const guards = Guards.parse(JSON.parse(readFileSync(join(root, 'tests/guards.json'), 'utf8')));
const chosen = guards.filter(
  ({ guard }) => wanted.length === 0 || wanted.some((word) => guard.includes(word)),
);
if (chosen.length === 0) {
  process.stderr.write('No guard of that name.\n');
  process.exit(2);
}

function runTest(file: string, name: string | undefined): boolean {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', file, ...(name ? ['-t', name] : [])];
  const env = file.endsWith('.services.test.ts')
    ? { ...process.env, STAGER_TEST_SERVICES: '1' }
    : process.env;
  return (
    spawnSync(process.execPath, args, { cwd: root, env, stdio: 'ignore', timeout: 180_000 }).status === 0
  );
}

// While one is installed a signal does not end us amid a change; what hangs on 'exit' puts the file back.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

let failed = 0;
for (const { guard, file, find, replace, test, name } of chosen) {
  const path = join(root, file);
  const source = readFileSync(path, 'utf8');
  const restore = () => writeFileSync(path, source);
  const places = source.split(find).length - 1;
  let verdict: string;
  if (places !== 1) {
    verdict = `the line stands ${places} times in ${file}`;
  } else if (!runTest(test, name)) {
    verdict = `${test} is red already`;
  } else {
    process.once('exit', restore);
    writeFileSync(
      path,
      source.replace(find, () => replace),
    );
    try {
      verdict = runTest(test, name) ? `${test} stays green without it` : '';
    } finally {
      restore();
      process.off('exit', restore);
    }
  }
  // The tests block; a signal that came meanwhile is heard here.
  await new Promise((heard) => setImmediate(heard));
  if (verdict) failed += 1;
  process.stdout.write(`${verdict ? 'FAILED' : 'ok    '} ${guard}${verdict ? `: ${verdict}` : ''}\n`);
}
process.stdout.write(`${chosen.length - failed} guards hold, ${failed} do not\n`);
process.exit(failed === 0 ? 0 : 1);
