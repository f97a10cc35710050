import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Knex } from 'knex';
import { MigrationError } from './errors.ts';

/** One step as it lies in the folder. */
export interface MigrationFile {
  readonly version: number;
  /** File name, `0001_accounts.ts`. */
  readonly file: string;
  readonly path: string;
  /** SHA-256 of the file, hexadecimal. */
  readonly checksum: string;
}

export interface Migration {
  up(knex: Knex): Promise<void>;
  down(knex: Knex): Promise<void>;
  /** False when the step must not run inside a transaction. */
  readonly transaction?: boolean;
}

/** The folder at the root of the repository; a package that carries its own passes it. */
export const DEFAULT_FOLDER = fileURLToPath(new URL('../../../../migrations', import.meta.url));

const NAME = /^(\d{4})_[a-z0-9_]+\.(ts|js)$/;

/**
 * The steps of a folder in order. Whatever is not named like a step (the template, tests, maps) is passed over.
 * @throws MigrationError when a number is missing or taken twice
 */
export async function listMigrations(folder: string): Promise<MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => NAME.test(name)).sort();
  if (names.length === 0) throw new MigrationError(`There are no migrations in ${folder}.`);
  names.forEach((name, index) => {
    if (Number(name.slice(0, 4)) === index + 1) return;
    const wanted = String(index + 1).padStart(4, '0');
    throw new MigrationError(
      `${name} stands where ${wanted} is due: number the steps from 0001, without gaps.`,
    );
  });
  return Promise.all(
    names.map(async (file) => {
      const path = join(folder, file);
      const checksum = hash('sha256', await readFile(path), 'hex');
      return { version: Number(file.slice(0, 4)), file, path, checksum };
    }),
  );
}

export async function loadMigration({ path, file }: MigrationFile): Promise<Migration> {
  const module: Partial<Migration> = await import(pathToFileURL(path).href);
  const { up, down, transaction } = module;
  if (typeof up !== 'function' || typeof down !== 'function') {
    throw new MigrationError(`${file} must export the functions \`up\` and \`down\`.`);
  }
  return { up, down, transaction: transaction ?? true };
}
