import { buildCli } from './build/cli.ts';
import { withBuildLock } from './build/ensure.mjs';
import { buildSdk } from './build/sdk.ts';
import { buildServer, buildWorker } from './build/services.ts';

const builds: Readonly<Record<string, () => Promise<void>>> = {
  sdk: buildSdk,
  cli: buildCli,
  server: buildServer,
  worker: buildWorker,
};

const args = process.argv.slice(2);
// The bin of the CLI holds the lock already when it starts a build.
const locked = args.includes('--locked');
const names = args.filter((arg) => arg !== '--locked');
const unknown = names.filter((name) => !(name in builds));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no build ${unknown.join(', ')}. Usage: node scripts/build.ts [${Object.keys(builds).join(' ')}]\n`,
  );
  process.exit(2);
}

async function buildAll(): Promise<void> {
  const wanted = names.length > 0 ? names : Object.keys(builds);
  await Promise.all(
    wanted.map(async (name) => {
      const begin = performance.now();
      await builds[name]?.();
      process.stderr.write(`built ${name} in ${Math.round(performance.now() - begin)} ms\n`);
    }),
  );
}

await (locked ? buildAll() : withBuildLock(buildAll)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
});
