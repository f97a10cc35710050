import type { Dirent, Stats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';

export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** What the photo is called: its path below the folder that was named, with `/`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface Found {
  readonly files: readonly FoundFile[];
  /** Files in folders that are no pictures. */
  readonly ignored: number;
}

// What a person would call a photo. That some of these are not taken is told file by file, not passed over.
const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|avif|hei[cf]|tiff?|gif|bmp|dng|cr[23]|nef|arw|orf|rw2|raf)$/i;

const byName = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Sorts as people number things: photo-2 before photo-10. */
export const compareNames = (a: string, b: string): number => byName.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/**
 * The photos that the paths of a command line stand for; folders are searched all the way down, without what is
 * hidden. A file that is reached twice counts once.
 * @throws CliError exit 2, naming every path that is not there
 */
export async function expandPaths(paths: readonly string[], cwd = process.cwd()): Promise<Found> {
  const roots = await Promise.all(paths.map((path) => look(resolve(cwd, path), path)));
  const missing = roots.flatMap((root) => ('problem' in root ? [root.problem] : []));
  if (missing.length > 0) {
    throw new CliError(missing.join('\n'), { code: 'path_not_found', exit: EXIT.usage, hint: 'Nothing was sent.' });
  }
  const found: { root: string; file: FoundFile }[] = [];
  const seen = new Set<string>();
  let ignored = 0;
  for (const root of roots) {
    if ('problem' in root) continue;
    const listed = root.stats.isDirectory()
      ? await listFolder(root.path)
      : { files: [{ path: root.path, name: basename(root.path), size: root.stats.size }], ignored: 0 };
    ignored += listed.ignored;
    for (const file of listed.files) {
      const real = await realpath(file.path);
      if (seen.has(real)) continue;
      seen.add(real);
      found.push({ root: root.path, file });
    }
  }
  return { files: tellApart(found), ignored };
}

type Root = { readonly path: string; readonly stats: Stats } | { readonly problem: string };

async function look(path: string, typed: string): Promise<Root> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory() || stats.isFile()) return { path, stats };
    return { problem: `${typed} is neither a file nor a folder.` };
  } catch (error) {
    const denied = error instanceof Error && 'code' in error && error.code === 'EACCES';
    return { problem: denied ? `${typed} may not be read.` : `There is no file or folder ${typed}.` };
  }
}

async function listFolder(folder: string): Promise<{ files: FoundFile[]; ignored: number }> {
  const files: FoundFile[] = [];
  let ignored = 0;
  const walk = async (dir: string): Promise<void> => {
    for (const entry of await readdir(dir, { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) {
        await walk(path);
        continue;
      }
      const stats = PICTURE.test(entry.name) ? await fileStats(entry, path) : undefined;
      if (stats) files.push({ path, name: relative(folder, path).split(sep).join('/'), size: stats.size });
      else ignored += 1;
    }
  };
  await walk(folder);
  files.sort((a, b) => compareNames(a.name, b.name));
  return { files, ignored };
}

/** A link to a photo is a photo; a link to a folder is not followed, as it may lead in circles. */
async function fileStats(entry: Dirent, path: string): Promise<Stats | undefined> {
  if (!entry.isFile() && !entry.isSymbolicLink()) return undefined;
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() ? stats : undefined;
}

/** Photos of different folders may have the same name; then the folder's name goes in front. */
function tellApart(found: readonly { root: string; file: FoundFile }[]): FoundFile[] {
  const uses = new Map<string, number>();
  for (const { file } of found) uses.set(file.name, (uses.get(file.name) ?? 0) + 1);
  const taken = new Set<string>();
  return found.map(({ root, file }) => {
    const folder = root === file.path ? basename(join(root, '..')) : basename(root);
    let name = (uses.get(file.name) ?? 0) > 1 ? `${folder}/${file.name}` : file.name;
    for (let n = 2; taken.has(name); n += 1) name = `${folder}-${n}/${file.name}`;
    taken.add(name);
    return { ...file, name };
  });
}
