// Runs on Node 18 too: plain JavaScript on builtins.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isFresh } from './fresh.mjs';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'cli', 'dist');
const lockDir = join(dist, 'lock');

/** A build takes a second; a lock this old was left behind, whatever process has its number now. In milliseconds. */
const LOCK_TOO_OLD_MS = 120_000;

/** Builds the CLI, unless another process was faster. Ends the process when that fails. */
export async function buildWhenStale() {
  const code = await withBuildLock(() => (isFresh() ? 0 : runBuild()));
  if (code === 0) return;
  process.stderr.write('stager could not be built; the reason stands above.\n');
  process.exit(code === null ? 130 : 1);
}

function runBuild() {
  process.stderr.write('Building stager (once, and after changes)…\n');
  const child = spawn(findBuildNode(), [join(root, 'scripts', 'build.ts'), 'cli', '--locked'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  const stop = () => child.kill();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code));
  }).finally(() => {
    process.off('SIGTERM', stop);
    process.off('SIGINT', stop);
  });
}

/** TypeScript is run as it is, for which the Node of the repository is made. */
export function findBuildNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  try {
    const require = createRequire(join(root, 'package.json'));
    return join(
      dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`)),
      'bin',
      'node',
    );
  } catch {
    return process.execPath;
  }
}

/** Runs `work` while no other process builds; the second of two waits, and finds the work done. */
export async function withBuildLock(work) {
  while (!takeLock()) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  try {
    return await work();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

function takeLock() {
  try {
    mkdirSync(dist, { recursive: true });
    mkdirSync(lockDir);
    writeFileSync(join(lockDir, 'pid'), String(process.pid));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (isAbandoned()) rmSync(lockDir, { recursive: true, force: true });
    return false;
  }
}

function isAbandoned() {
  const age = Date.now() - (statSync(lockDir, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (age > LOCK_TOO_OLD_MS) return existsSync(lockDir);
  try {
    process.kill(Number(readFileSync(join(lockDir, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    // No number in it yet: its owner is between the two steps of taking it.
    return error.code === 'ESRCH';
  }
}
