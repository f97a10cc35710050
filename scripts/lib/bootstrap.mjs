// Runs before anything is installed: plain JavaScript on builtins, valid on Node 18 and later.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const NODE_MAJOR = 24;
const INSTALL_SIZE = '620 MB';
const stampFile = join(root, 'node_modules', '.stager-installed');
const lockDir = join(root, '.stager-install-lock');

/** Changes whenever an install would give something else. */
function wantedStamp() {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}\n`);
  for (const file of [
    'package-lock.json',
    'package.json',
    ...['sdk', 'cli', 'server', 'worker'].map((w) => `${w}/package.json`),
  ]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}

function isInstalled(stamp) {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp;
}

/** Installs what the lockfile names, once; says on stderr what it does. */
export async function ensureInstalled() {
  // Below a command that has seen to it: what runs there must not be replaced under its feet.
  if (process.env.STAGER_INSTALLED === root) return;
  const stamp = wantedStamp();
  if (isInstalled(stamp)) return;
  await withInstallLock(async () => {
    if (isInstalled(stamp)) return;
    say(`Installing dependencies (about ${INSTALL_SIZE} on disk, once, mostly under a minute): npm ci`);
    const started = Date.now();
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    if ((await runInstall('npm', args)) !== 0) {
      say(
        'The install failed; what npm said stands above. Check the network or proxy and run the command again.',
      );
      process.exit(1);
    }
    writeFileSync(stampFile, stamp);
    say(`Installed in ${Math.round((Date.now() - started) / 1000)} s.`);
  });
}

/** Exit code of an install that ends with us. */
function runInstall(command, args) {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const stop = (signal) => {
    child.kill(signal);
    process.exit(130);
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, stop);
  return new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  }).finally(() => {
    // Whoever comes behind has a way of its own to stop.
    for (const signal of signals) process.off(signal, stop);
  });
}

/** Two commands at once in one clone: the second waits. A lock older than any install was left behind. */
async function withInstallLock(run) {
  const tooOldMs = 15 * 60_000;
  for (let told = false; ; ) {
    try {
      mkdirSync(lockDir);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isStale(tooOldMs)) rmSync(lockDir, { recursive: true, force: true });
      else if (!told) {
        told = true;
        say('Another command installs the dependencies; waiting for it.');
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const release = () => rmSync(lockDir, { recursive: true, force: true });
  process.on('exit', release);
  try {
    writeFileSync(join(lockDir, 'pid'), String(process.pid));
    await run();
  } finally {
    release();
    process.off('exit', release);
  }
}

function isStale(tooOldMs) {
  try {
    if (Date.now() - statSync(lockDir).mtimeMs > tooOldMs) return true;
    const pid = Number(readFileSync(join(lockDir, 'pid'), 'utf8'));
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}

/** The Node that the project runs on: this one if it is new enough, else the one from the install. */
export function findNode() {
  if (Number(process.versions.node.split('.')[0]) >= NODE_MAJOR) return process.execPath;
  try {
    const require = createRequire(join(root, 'package.json'));
    const home = dirname(require.resolve(`node-${process.platform}-${process.arch}/package.json`));
    return join(home, 'bin', 'node');
  } catch {
    say(
      `stager needs Node ${NODE_MAJOR} or later; this is ${process.version}, and for ${process.platform}-${process.arch} ` +
        'none comes with the install. Install it (for instance with fnm or nvm) and run the command again.',
    );
    process.exit(1);
  }
}

/** Environment in which `node` and `stager` are the project's own. */
export function projectEnv(node = findNode()) {
  const separator = process.platform === 'win32' ? ';' : ':';
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(separator);
  return { ...process.env, PATH: path, STAGER_INSTALLED: root };
}

/** Starts a TypeScript entry under the right Node, passes signals on and ends as it ends. */
export async function handOver(entry, args) {
  await ensureInstalled();
  const node = findNode();
  const child = spawn(node, ['--conditions=stager-dev', join(root, entry), ...args], {
    cwd: process.cwd(),
    stdio: 'inherit',
    env: projectEnv(node),
  });
  // A terminal signals the whole group, a supervisor only us; the child copes with hearing it twice.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
