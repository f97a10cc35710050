import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/bootstrap.mjs';
import { readLines, readReport, summarize } from './report.ts';

// The closing line of continuous integration, from the report of the run before.
const file = join(root, 'coverage', 'test-report.json');
if (!existsSync(file)) {
  process.stdout.write('The tests left no report.\n0 passed, 1 failed\n');
  process.exit(1);
}
for (const test of readLines(join(root, 'coverage', 'flaky.txt')))
  process.stdout.write(`passed only when tried again: ${test}\n`);
const { passed, failed, missing } = summarize(readReport(file), root);
for (const suite of missing) process.stdout.write(`No test of the suite ${suite} ran.\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && missing.length === 0 && passed > 0 ? 0 : 1);
