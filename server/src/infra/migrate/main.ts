import { ConfigError, readConfig } from '../config.ts';
import { migrateConfig } from './config.ts';
import { type MigrateOptions, MigrationError, migrateDown, migrateUp, migrationStatus } from './index.ts';

const USAGE = `Usage: main up | down VERSION | status
  up            applies what is due
  down VERSION  takes back every step above VERSION, with all rows of what it made
  status        lists the steps
Environment:
  STAGER_OWNER_DATABASE_URL  connection as stager_owner
  STAGER_MIGRATIONS_DIR      folder of the steps, when it is not the repository's`;

class UsageError extends Error {}

async function run([command, version, ...rest]: string[]): Promise<void> {
  const wellFormed = rest.length === 0 && (command === 'down') === (version !== undefined);
  if (!wellFormed || !['up', 'down', 'status'].includes(command ?? '')) throw new UsageError(USAGE);
  const { STAGER_OWNER_DATABASE_URL: url, STAGER_MIGRATIONS_DIR: folder } = readConfig(
    migrateConfig,
    process.env,
  );
  const options: MigrateOptions = { log: say, ...(folder ? { folder } : {}) };
  if (command === 'up') {
    const applied = await migrateUp(url, options);
    say(applied.length === 0 ? 'nothing is due' : `${applied.length} applied`);
  } else if (command === 'down') {
    if (!/^\d+$/.test(version ?? '')) throw new UsageError(`VERSION must be a number.\n${USAGE}`);
    await migrateDown(url, Number(version), options);
  } else {
    for (const { file, appliedAt } of await migrationStatus(url, options)) {
      say(`${file}  ${appliedAt ? appliedAt.toISOString() : 'due'}`);
    }
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const misused = error instanceof UsageError || error instanceof ConfigError;
  const known = misused || error instanceof MigrationError;
  process.stderr.write(`${known ? error.message : error}\n`);
  process.exitCode = misused ? 2 : 1;
}
