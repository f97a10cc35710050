import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ListedObject, ListOptions } from '../../../ports/index.ts';
import { isMissing } from './errors.ts';
import { folderOfPrefix } from './keys.ts';
import { etagOf } from './reader.ts';
import { largeFolder, smallFolder, type Wanted } from './sortedNames.ts';

/** Files that are looked at together: one at a time, a listing waits mostly for the thread pool. */
const PAGE = 256;
/** Folders that are read ahead, for the same reason. */
const AHEAD = 16;

export interface ListedFolder {
  /** Folder of the bucket. */
  readonly path: string;
  /** Where names lie while they are sorted. */
  readonly scratch: string;
  /** Names that are sorted in memory at once; for tests. */
  readonly run?: number;
}

/** Where the walk is in one folder. */
interface Frame {
  /** What keys of this folder begin with: empty, or with a slash at the end. */
  readonly base: string;
  readonly batches: AsyncIterator<string[]>;
  names: readonly string[];
  at: number;
  readonly ahead: Map<string, Promise<Names>>;
}

/** Of a folder; undefined when it is gone. */
type Names = string[] | 'large' | undefined;

/**
 * Keys of a bucket in byte order of the whole key. Memory grows neither with the number of objects nor with the largest
 * folder. A folder that vanishes meanwhile had become empty; the bucket's own must be there.
 */
export async function* listKeys(
  bucket: ListedFolder,
  { prefix = '', after = '', signal }: ListOptions,
): AsyncGenerator<ListedObject[]> {
  const isWanted = (key: string) =>
    (key.startsWith(prefix) || (key.endsWith('/') && prefix.startsWith(key))) &&
    (key > after || (key.endsWith('/') && after.startsWith(key)));
  const wantedIn =
    (base: string): Wanted =>
    (name) =>
      isWanted(base + name);

  function read(base: string): Promise<Names> {
    return smallFolder(join(bucket.path, base), wantedIn(base)).catch(unlessMissing);
  }

  async function* batchesOf(base: string, names: Promise<Names>): AsyncGenerator<string[]> {
    const known = await names;
    if (known === 'large') yield* readLarge(base);
    else if (known) yield known;
  }

  async function* readLarge(base: string): AsyncGenerator<string[]> {
    try {
      yield* largeFolder(join(bucket.path, base), wantedIn(base), bucket.scratch, bucket.run);
    } catch (error) {
      unlessMissing(error);
    }
  }

  function enter(base: string, names: Promise<Names>): Frame {
    return { base, batches: batchesOf(base, names), names: [], at: 0, ahead: new Map() };
  }

  /** Names of a folder, which is soon to be entered; those next to it are read together with it. */
  function readAhead(frame: Frame, folder: string): Promise<Names> {
    if (!frame.ahead.has(folder)) {
      const next = frame.names.slice(frame.at, frame.at + AHEAD).filter((name) => name.endsWith('/'));
      for (const name of [folder, ...next]) {
        const reading = read(frame.base + name);
        // Whoever comes to it hears of its failure.
        reading.catch(() => undefined);
        frame.ahead.set(name, reading);
      }
    }
    const names = frame.ahead.get(folder) ?? read(frame.base + folder);
    frame.ahead.delete(folder);
    return names;
  }

  // The bucket itself is never missing: a disk that is not mounted must not look like a store without objects.
  await stat(bucket.path);
  const folder = folderOfPrefix(prefix);
  const top = folder === '' ? '' : `${folder}/`;
  const stack = [enter(top, read(top))];
  let keys: string[] = [];
  try {
    for (let frame = stack.at(-1); frame; frame = stack.at(-1)) {
      signal?.throwIfAborted();
      const name = frame.names[frame.at];
      if (name === undefined) {
        const next = await frame.batches.next();
        if (next.done) stack.pop();
        else Object.assign(frame, { names: next.value, at: 0 });
        continue;
      }
      frame.at += 1;
      if (name.endsWith('/')) stack.push(enter(frame.base + name, readAhead(frame, name)));
      else keys.push(frame.base + name);
      if (keys.length < PAGE) continue;
      yield await statAll(bucket.path, keys);
      keys = [];
    }
    if (keys.length > 0) yield await statAll(bucket.path, keys);
  } finally {
    await Promise.all(stack.map(({ batches }) => batches.return?.()));
  }
}

async function statAll(bucketPath: string, keys: readonly string[]): Promise<ListedObject[]> {
  const found = await Promise.all(keys.map((key) => statOne(bucketPath, key)));
  return found.filter((object) => object !== undefined);
}

async function statOne(bucketPath: string, key: string): Promise<ListedObject | undefined> {
  try {
    const found = await stat(join(bucketPath, key), { bigint: true });
    return { key, size: Number(found.size), etag: etagOf(found), modifiedAt: found.mtime };
  } catch (error) {
    return unlessMissing(error);
  }
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}
