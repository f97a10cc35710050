import { setTimeout as delay } from 'node:timers/promises';
import type { Knex } from 'knex';
import { MigrationError } from './errors.ts';
import {
  DEFAULT_FOLDER,
  listMigrations,
  loadMigration,
  type Migration,
  type MigrationFile,
} from './files.ts';
import { compareToFolder, createJournal, enter, readJournal, strike } from './journal.ts';
import { requireRoles } from './roles.ts';
import { type Log, openSession, withLock } from './session.ts';

export { MigrationError } from './errors.ts';
export { DEFAULT_FOLDER } from './files.ts';
export { APP_ROLES, OWNER_ROLE } from './roles.ts';

export interface MigrateOptions {
  readonly log?: Log;
  /** Where the steps lie: .ts in the repository (default), .js in a package. */
  readonly folder?: string;
}

export interface MigrationStatus {
  readonly version: number;
  readonly file: string;
  /** Null while it is due. */
  readonly appliedAt: Date | null;
}

const LOCK_NOT_AVAILABLE = '55P03';
const TRIES = 5;

/**
 * Applies what is due, each step in its own transaction, and answers with the files that it applied.
 * Any number of processes may call it at once. One query when nothing is due.
 * @param ownerUrl connection as `stager_owner`
 * @param options.toVersion last step to apply. Default: all
 * @throws MigrationError; the steps before the one that failed stay applied
 */
export function migrateUp(
  ownerUrl: string,
  { toVersion, ...options }: MigrateOptions & { readonly toVersion?: number } = {},
): Promise<string[]> {
  return withSession(ownerUrl, options, async (db, files, log) => {
    const present = await readJournal(db);
    compareToFolder(present ?? [], files);
    if (present?.length === files.length) return [];
    await requireRoles(db);
    return withLock(db, log, async () => {
      if (!present) await createJournal(db);
      // Listed anew: another runner may have been at work until now.
      const applied = (await readJournal(db)) ?? [];
      compareToFolder(applied, files);
      const due = files.slice(applied.length, toVersion);
      for (const file of due) await applyStep(db, file, log);
      return due.map((step) => step.file);
    });
  });
}

/**
 * Takes back every step above `toVersion` (0: all), last first, and answers with their files.
 * What the steps made is dropped, with all rows.
 */
export function migrateDown(
  ownerUrl: string,
  toVersion: number,
  options: MigrateOptions = {},
): Promise<string[]> {
  return withSession(ownerUrl, options, async (db, files, log) => {
    if (!Number.isInteger(toVersion) || toVersion < 0 || toVersion > files.length) {
      throw new MigrationError(`There is no version ${toVersion}: choose one from 0 to ${files.length}.`);
    }
    await requireRoles(db);
    return withLock(db, log, async () => {
      const applied = (await readJournal(db)) ?? [];
      compareToFolder(applied, files);
      const undone = files.slice(toVersion, applied.length).reverse();
      for (const file of undone) await revertStep(db, file, log);
      return undone.map((step) => step.file);
    });
  });
}

/** Every step of the folder and when it was applied. */
export function migrationStatus(ownerUrl: string, options: MigrateOptions = {}): Promise<MigrationStatus[]> {
  return withSession(ownerUrl, options, async (db, files) => {
    const applied = (await readJournal(db)) ?? [];
    compareToFolder(applied, files);
    return files.map(({ version, file }, index) => ({
      version,
      file,
      appliedAt: applied[index]?.appliedAt ?? null,
    }));
  });
}

async function withSession<T>(
  url: string,
  { folder = DEFAULT_FOLDER, log = () => undefined }: MigrateOptions,
  run: (db: Knex, files: MigrationFile[], log: Log) => Promise<T>,
): Promise<T> {
  const files = await listMigrations(folder);
  const db = openSession(url);
  try {
    return await run(db, files, log);
  } finally {
    await db.destroy();
  }
}

async function applyStep(db: Knex, file: MigrationFile, log: Log): Promise<void> {
  const begin = performance.now();
  const step = await loadMigration(file);
  await runStep(db, file, step, 'up');
  log(`applied ${file.file} in ${Math.round(performance.now() - begin)} ms`);
}

async function revertStep(db: Knex, file: MigrationFile, log: Log): Promise<void> {
  await runStep(db, file, await loadMigration(file), 'down');
  log(`took back ${file.file}`);
}

/** A step whose table locks were taken by traffic is tried again; it has changed nothing. */
async function runStep(db: Knex, file: MigrationFile, step: Migration, way: 'up' | 'down'): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await runOnce(db, file, step, way);
    } catch (error) {
      const busy = error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
      if (busy && attempt < TRIES && step.transaction !== false) {
        await delay(attempt * 500);
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      const hint = busy ? ' A table was in use all the time; try when there is less traffic.' : '';
      const left = step.transaction === false ? ' It ran without a transaction: look what it left.' : '';
      throw new MigrationError(`${file.file} (${way}) failed: ${reason}.${hint}${left}`, { cause: error });
    }
  }
}

async function runOnce(db: Knex, file: MigrationFile, step: Migration, way: 'up' | 'down'): Promise<void> {
  const record = (on: Knex) => (way === 'up' ? enter(on, file) : strike(on, file.version));
  if (step.transaction === false) {
    await step[way](db);
    await record(db);
    return;
  }
  await db.transaction(async (trx) => {
    await step[way](trx);
    await record(trx);
  });
}
