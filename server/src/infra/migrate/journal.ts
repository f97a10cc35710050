import type { Knex } from 'knex';
import { MigrationError } from './errors.ts';
import type { MigrationFile } from './files.ts';
import { APP_ROLES } from './roles.ts';

export interface AppliedMigration {
  readonly version: number;
  readonly file: string;
  readonly checksum: string;
  readonly appliedAt: Date;
}

const UNDEFINED_TABLE = '42P01';

/** What was applied, in order; undefined when nothing ever was. */
export async function readJournal(db: Knex): Promise<AppliedMigration[] | undefined> {
  try {
    const { rows } = await db.raw<{ rows: AppliedMigration[] }>(
      'SELECT version, file, checksum, applied_at AS "appliedAt" FROM schema_migrations ORDER BY version',
    );
    return rows;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === UNDEFINED_TABLE) return undefined;
    throw error;
  }
}

export async function createJournal(db: Knex): Promise<void> {
  await db.raw(`
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version integer PRIMARY KEY,
      file text NOT NULL,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    );
    GRANT SELECT ON schema_migrations TO ${APP_ROLES.join(', ')};
  `);
}

export async function enter(db: Knex, { version, file, checksum }: MigrationFile): Promise<void> {
  await db.raw('INSERT INTO schema_migrations (version, file, checksum) VALUES (?, ?, ?)', [
    version,
    file,
    checksum,
  ]);
}

export async function strike(db: Knex, version: number): Promise<void> {
  await db.raw('DELETE FROM schema_migrations WHERE version = ?', [version]);
}

/**
 * Whether the folder still tells how the database came to be. The checksum is compared between files of one
 * kind: the .js of a package and the .ts that it was built from differ in every byte and do the same.
 * @throws MigrationError that names every step that was changed or is missing
 */
export function compareToFolder(applied: readonly AppliedMigration[], files: readonly MigrationFile[]): void {
  const problems = applied.flatMap((step) => {
    const file = files[step.version - 1];
    if (!file) {
      return [`${step.file} was applied and is not in the folder: this program is older than the database.`];
    }
    if (stem(file.file) !== stem(step.file))
      return [`${step.file} was applied, and ${file.file} has its number.`];
    const comparable = file.file === step.file;
    return comparable && file.checksum !== step.checksum
      ? [`${step.file} was changed after it was applied. Restore it, and put the change into a new step.`]
      : [];
  });
  if (problems.length > 0) throw new MigrationError(`Nothing was changed.\n${problems.join('\n')}`);
}

function stem(file: string): string {
  return file.replace(/\.[jt]s$/, '');
}
