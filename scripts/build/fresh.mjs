// Runs on Node 18 too, before anything else of the CLI: plain JavaScript on builtins, and little of it.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const dist = join(root, 'cli', 'dist');
const stamp = join(dist, 'stamp');
const lockDir = join(root, 'cli', 'dist.lock');

/** What the bundle of the CLI is made from. */
const INPUTS = [
  'cli/src',
  'sdk/src',
  'scripts/build',
  'scripts/build.ts',
  'cli/package.json',
  'package-lock.json',
];
/** A build takes a second; a lock this old was left behind, whatever process has its number now. In milliseconds. */
const LOCK_TOO_OLD_MS = 120_000;

/** Whether the bundle was made after the last change of what it is made from. */
export function isFresh() {
  const built = mtime(stamp);
  return built > 0 && INPUTS.every((input) => newest(join(root, input), built) < built);
}

/** The latest change at or below a path, in milliseconds; stops looking once it is later than `enough`. */
function newest(path, enough) {
  let latest = mtime(path);
  if (path.endsWith('.ts') || path.endsWith('.json')) return latest;
  if (latest === 0) return 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (latest >= enough) break;
    if (entry.name.endsWith('.test.ts')) continue;
    const below = join(path, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(below, enough) : mtime(below));
  }
  return latest;
}

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Builds the CLI when its bundle is missing or older than its sources. Ends the process when that fails. */
export async function ensureFresh() {
  if (isFresh()) return;
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
  const age = Date.now() - mtime(lockDir);
  if (age > LOCK_TOO_OLD_MS) return existsSync(lockDir);
  try {
    process.kill(Number(readFileSync(join(lockDir, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    // No number in it yet: its owner is between the two steps of taking it.
    return error.code === 'ESRCH';
  }
}
