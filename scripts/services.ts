import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder, findProgram, hasProgram as has } from '../tests/support/services.ts';

/*
 * Installs what `STAGER_TEST_SERVICES=1 npm test` runs on: PostgreSQL 15 and Redis from Debian's packages, MinIO built
 * from its Go module into the cache of the project. What is there already is used.
 */
const MINIO = 'github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c';
/** The gateway that stands in where MinIO cannot be built. */
const GATEWAY = 'github.com/versity/versitygw/cmd/versitygw@v1.8.0';
const BUILD_MS = 15 * 60_000;

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

function installPackages(): void {
  const wanted = [
    ['postgres', 'postgresql-15'],
    ['redis-server', 'redis-server'],
  ] as const;
  const missing = wanted.filter(([program]) => !has(program)).map(([, name]) => name);
  if (missing.length === 0) return;
  say(`Installing ${missing.join(' and ')} with apt-get`);
  // The packages would start servers of their own; the tests start theirs.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  run('apt-get', ['update', '-qq'], env);
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], env);
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
  if (buildWithGo(MINIO, 'minio')) return;
  say('MinIO could not be built; trying a gateway in its place.');
  if (!has('versitygw')) buildWithGo(GATEWAY, 'versitygw');
}

installPackages();
buildStore();
const stores = ['minio', 'versitygw'];
const missing = ['postgres', 'redis-server'].filter((program) => !has(program));
const store = stores.find(has);
for (const program of ['postgres', 'redis-server', ...(store ? [store] : [])]) {
  if (has(program)) say(`${program.padEnd(13)} ${findProgram(program)}`);
}
if (!store) missing.push('minio');
if (missing.length > 0) {
  process.stderr.write(
    `Missing: ${missing.join(', ')}. Install PostgreSQL 15 and Redis with the packages of your system, and MinIO ` +
      'from its releases or with Go 1.24 or later; then run this again.\n',
  );
  process.exit(1);
}
