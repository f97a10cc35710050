import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { findChromium } from '../tests/browser/findChromium.ts';
import {
  cacheFolder,
  findProgram,
  hasProgram as has,
  STRIPE_MOCK_VERSION,
  versionOf,
} from '../tests/support/services.ts';

/*
 * Installs what `STAGER_TEST_SERVICES=1 npm test` runs on: PostgreSQL 15, Redis and Chromium from Debian's packages, MinIO and
 * Stripe's mock built from their Go modules into the cache of the project. What is there already is used.
 */
const MINIO = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c';
/** The gateway that stands in where MinIO cannot be built. */
const GATEWAY = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const STRIPE_MOCK = `github.com/stripe/stripe-mock@${STRIPE_MOCK_VERSION}`;
/** Longest build of each: both together leave the tests their time. */
const BUILD_MS = 8 * 60_000;
const GO_MIN = [1, 24] as const;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function run(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  timeout?: number,
): boolean {
  const done = spawnSync(command, args, {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, ...env },
    ...(timeout === undefined ? {} : { timeout }),
  });
  return done.status === 0;
}

const isPostgres15 = () => versionOf('postgres').includes(' 15.');

function installPackages(): void {
  const missing = [
    ...(isPostgres15() ? [] : ['postgresql-15']),
    ...(has('redis-server') ? [] : ['redis-server']),
    ...(findChromium() ? [] : ['chromium']),
  ];
  if (missing.length === 0) return;
  say(`Installing ${missing.join(' and ')} with apt-get`);
  // The packages would start servers of their own; the tests start theirs.
  const settings = ['DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const [command = '', ...before] = [...(process.getuid?.() === 0 ? [] : ['sudo', '-n']), 'env', ...settings];
  run(command, [...before, 'apt-get', 'update', '-qq']);
  run(command, [...before, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...missing]);
}

/** Why nothing can be built with Go; undefined when it can. */
function whyNoGo(): string | undefined {
  const said = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8', timeout: 30_000 });
  if (said.status !== 0) return 'Go is not installed';
  const [, major = 0, minor = 0] = /^go(\d+)\.(\d+)/.exec(said.stdout)?.map(Number) ?? [];
  const isEnough = major > GO_MIN[0] || (major === GO_MIN[0] && minor >= GO_MIN[1]);
  return isEnough ? undefined : `${said.stdout.trim()} is older than Go ${GO_MIN.join('.')}`;
}

/** @returns whether the program is in the cache afterwards */
function buildWithGo(module: string, program: string): boolean {
  const folder = cacheFolder();
  const building = join(folder, `build-${process.pid}`);
  mkdirSync(building, { recursive: true });
  try {
    say(`Building ${module} (some minutes, once)`);
    const built = run(
      'go',
      ['install', '-trimpath', '-ldflags=-s -w', module],
      { GOBIN: building },
      BUILD_MS,
    );
    if (!built || !existsSync(join(building, program))) return false;
    renameSync(join(building, program), join(folder, program));
    return true;
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}

function buildStore(): void {
  if (has('minio')) return;
  const reason = whyNoGo();
  if (reason !== undefined) {
    say(`MinIO cannot be built: ${reason}.`);
    return;
  }
  if (buildWithGo(MINIO, 'minio')) return;
  say('MinIO could not be built; trying a gateway in its place.');
  if (!has('versitygw')) buildWithGo(GATEWAY, 'versitygw');
}

function buildStripeMock(): void {
  if (has('stripe-mock')) return;
  const reason = whyNoGo();
  if (reason === undefined) buildWithGo(STRIPE_MOCK, 'stripe-mock');
  else say(`Stripe's mock cannot be built: ${reason}.`);
}

installPackages();
buildStore();
buildStripeMock();
const stores = ['minio', 'versitygw'];
const store = stores.find(has);
for (const program of ['postgres', 'redis-server', ...(store ? [store] : []), 'stripe-mock']) {
  if (has(program)) say(`${program.padEnd(13)} ${findProgram(program)} (${versionOf(program)})`);
}
const missing = [
  ...(isPostgres15() ? [] : ['PostgreSQL 15']),
  ...(has('redis-server') ? [] : ['Redis']),
  ...(store ? [] : ['MinIO']),
  ...(has('stripe-mock') ? [] : ["Stripe's mock"]),
];
if (missing.length > 0) {
  process.stderr.write(
    `Missing: ${missing.join(', ')}. Install PostgreSQL 15 and Redis with the packages of your system, MinIO and ` +
      'stripe-mock from their releases or with Go 1.24 or later; then run this again.\n',
  );
  process.exit(1);
}
