import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../lib/bootstrap.mjs';
import { readLines, readReport, summarize } from './report.ts';

// Everything, or the files that are named. The last line is summed from the report that the runner wrote.
const wanted = process.argv.slice(2);
const reportDir = join(root, 'coverage');
const reportFile = join(reportDir, 'test-report.json');
mkdirSync(reportDir, { recursive: true });
const flakyFile = join(reportDir, 'flaky.txt');
for (const file of [reportFile, flakyFile]) rmSync(file, { force: true });

const run = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--reporter=${join(root, 'scripts/test/flakyReporter.ts')}`,
    `--outputFile.json=${reportFile}`,
    ...wanted,
  ],
  { cwd: root, stdio: 'inherit', env: { ...process.env, ...compiledOnce(), STAGER_FLAKY_FILE: flakyFile } },
);

const summary = summarize(readReport(reportFile), root);
for (const test of readLines(flakyFile)) process.stdout.write(`passed only when tried again: ${test}\n`);
if (process.env['STAGER_TEST_SERVICES'] !== '1' && wanted.length === 0)
  process.stdout.write(
    'skipped: the services profile (PostgreSQL, MinIO, Redis). `npm run services` installs it, STAGER_TEST_SERVICES=1 npm test runs it\n',
  );
for (const test of summary.skipped) process.stdout.write(`skipped: ${test}\n`);
const missing = wanted.length === 0 ? summary.missing : [];
for (const suite of missing) process.stdout.write(`No test of the suite ${suite} ran; that is a failure.\n`);
const none = summary.passed + summary.failed === 0;
if (none) process.stdout.write('No test ran; that is a failure.\n');
process.stdout.write(`${summary.passed} passed, ${summary.failed} failed\n`);
process.exit(run.status === 0 && summary.failed === 0 && missing.length === 0 && !none ? 0 : 1);

/**
 * The run starts hundreds of processes on the same sources: what one has compiled is kept for the next.
 * Not where coverage counts, which needs the positions that compiled code is kept without.
 */
function compiledOnce(): NodeJS.ProcessEnv {
  if (process.env['NODE_V8_COVERAGE']) return { NODE_DISABLE_COMPILE_CACHE: '1' };
  return { NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/compiled') };
}
