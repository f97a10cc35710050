import { mkdtemp, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CliError, usageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import { fileTrouble } from '../io/fileTrouble.ts';

/**
 * Tries whether results can be saved in a folder, which need not be there yet: something small is made where its first
 * folder will be, and taken away again. Modes and owners do not tell: a file system may be read-only or full.
 * @param nothing what has not happened yet: `Nothing was sent.`
 * @throws CliError with exit code 2 that names the folder, why not and what to do
 */
export async function requireFolder(out: string, nothing: string): Promise<void> {
  if (out.trim() === '') {
    throw usageError('--out is empty: name the folder for the results.', `As in: --out ./staged. ${nothing}`);
  }
  const refuse = (why: string, fix: string, cause?: unknown) =>
    new CliError(`Results cannot be saved in ${clean(out)}: ${why}.`, {
      code: 'out_unusable',
      exit: EXIT.usage,
      hint: `${fix} Or name another folder with --out. ${nothing}`,
      cause,
    });
  const dir = resolve(out);
  let file: string | undefined;
  try {
    const { path, isFolder } = await firstThere(dir);
    if (isFolder) await tryFolder(path);
    else file = path;
  } catch (error) {
    const trouble = fileTrouble(error);
    throw trouble ? refuse(trouble.why, trouble.fix, error) : error;
  }
  if (file === dir) throw refuse('it is a file, not a folder', 'Move it away.');
  if (file !== undefined) throw refuse(`${clean(file)} is a file, not a folder`, 'Move it away.');
}

interface There {
  readonly path: string;
  readonly isFolder: boolean;
}

/** The path itself, or the innermost on the way to it that is there. */
async function firstThere(path: string): Promise<There> {
  try {
    return { path, isFolder: (await stat(path)).isDirectory() };
  } catch (error) {
    const above = dirname(path);
    // A link to nothing is in the way of a folder of its name.
    if (above === path || !isMissing(error) || (await isLink(path))) throw error;
    return firstThere(above);
  }
}

const isMissing = (error: unknown): boolean => /^(ENOENT|ENOTDIR)$/.test(String(fileTrouble(error)?.code));

const isLink = (path: string): Promise<boolean> =>
  readlink(path).then(
    () => true,
    () => false,
  );

async function tryFolder(folder: string): Promise<void> {
  const made = await mkdtemp(join(folder, '.stager-'));
  try {
    await writeFile(join(made, 'try'), '.');
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}
