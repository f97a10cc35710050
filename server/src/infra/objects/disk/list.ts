import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './errors.ts';
import { folderOfPrefix, isSegment } from './keys.ts';

export interface ListedObject {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  readonly modifiedAt: Date;
}

/** Files that are looked at together: one at a time, a listing waits mostly for the thread pool. */
const STAT_BATCH = 64;

/**
 * Keys below a prefix in byte order of the whole key. Memory grows with the largest single folder, not with the
 * number of objects. What comes or goes meanwhile may or may not be in it.
 */
export async function* listKeys(bucketPath: string, prefix: string): AsyncGenerator<ListedObject> {
  yield* walk(bucketPath, folderOfPrefix(prefix), prefix);
}

async function* walk(bucketPath: string, folder: string, prefix: string): AsyncGenerator<ListedObject> {
  let files: string[] = [];
  for (const name of await sortedNames(join(bucketPath, folder))) {
    const key = folder === '' ? name : `${folder}/${name}`;
    const leadsThere = name.endsWith('/') && prefix.startsWith(key);
    if (!key.startsWith(prefix) && !leadsThere) continue;
    if (!name.endsWith('/')) files.push(key);
    if (name.endsWith('/') || files.length === STAT_BATCH) {
      yield* statAll(bucketPath, files);
      files = [];
    }
    if (name.endsWith('/')) yield* walk(bucketPath, key.slice(0, -1), prefix);
  }
  yield* statAll(bucketPath, files);
}

/** Folders sort as what stands in their keys, with the slash: `a-b` is before `a/b`, and `a0` behind it. */
async function sortedNames(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
    if (isMissing(error)) return [];
    throw error;
  });
  return entries
    .filter((entry) => isSegment(entry.name) && (entry.isDirectory() || entry.isFile()))
    .map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name))
    .sort(byBytes);
}

/** Keys are ASCII, so code units are bytes. */
function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

async function* statAll(bucketPath: string, keys: readonly string[]): AsyncGenerator<ListedObject> {
  const found = await Promise.all(keys.map((key) => statOne(bucketPath, key)));
  for (const object of found) if (object) yield object;
}

async function statOne(bucketPath: string, key: string): Promise<ListedObject | undefined> {
  try {
    const { size, mtime } = await stat(join(bucketPath, key));
    return { key, size, modifiedAt: mtime };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
