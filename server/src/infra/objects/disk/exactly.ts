import { link, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ConditionalOutcome } from '../../../ports/index.ts';
import { errnoOf, isMissing } from './errors.ts';
import type { DiskFiles } from './files.ts';
import { etagOf } from './reader.ts';

/** Folders vanish under a writer when their last object is removed; more often than this is no coincidence. */
const TRIES = 20;
/** What file systems without second names answer to the wish for one. */
const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'];

/**
 * Moves a file if it is the one with this etag. A second name is made first, which the system refuses where there is a
 * file already; then it is looked at, and the first name is taken away only while it still stands for the same file.
 */
export async function moveExactly(
  files: DiskFiles,
  from: string,
  to: string,
  etag: string,
): Promise<ConditionalOutcome> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await etagAt(from);
    if (before === undefined) return 'missing';
    if (before !== etag) return 'changed';
    await files.makeFolder(dirname(to));
    const linked = await linkTo(files, from, to);
    if (linked === 'gone' && attempt < TRIES) continue;
    // One that is there already may be this very file: an earlier try was cut off between its two steps.
    if ((await etagAt(to)) !== etag) {
      if (linked === 'made') await files.remove(to);
      return 'changed';
    }
    await files.syncFolder(dirname(to));
    const removed = await removeExactly(files, from, etag);
    if (removed === 'changed') await files.remove(to);
    return removed === 'changed' ? 'changed' : 'done';
  }
}

/** `gone`: the source, or a folder that it should have come into. */
async function linkTo(files: DiskFiles, from: string, to: string): Promise<'made' | 'taken' | 'gone'> {
  try {
    await link(from, to);
    return 'made';
  } catch (error) {
    const code = errnoOf(error) ?? '';
    if (code === 'EEXIST') return 'taken';
    if (isMissing(error)) return 'gone';
    if (!NO_LINKS.includes(code) || (await etagAt(to)) !== undefined) throw error;
    return (await files.move(from, to)) ? 'made' : 'gone';
  }
}

/** The file may be replaced between the look and the removal: callers keep writers of this key away. */
export async function removeExactly(
  files: DiskFiles,
  path: string,
  etag: string,
): Promise<ConditionalOutcome> {
  const found = await etagAt(path);
  if (found === undefined) return 'missing';
  if (found !== etag) return 'changed';
  await files.remove(path);
  return 'done';
}

async function etagAt(path: string): Promise<string | undefined> {
  try {
    const found = await stat(path, { bigint: true });
    return found.isFile() ? etagOf(found) : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
