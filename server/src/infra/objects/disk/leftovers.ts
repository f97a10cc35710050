import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Leftover, ObjectStoreError } from '../../../ports/index.ts';
import { isMissing } from './errors.ts';
import type { DiskFiles } from './files.ts';
import { isSegment } from './keys.ts';

/** Drafts that are there now, of the living as well: their age tells. */
export async function listDrafts({ drafts }: DiskFiles): Promise<Leftover[]> {
  const found = await Promise.all(
    (await readdir(drafts)).filter(isSegment).map(async (name): Promise<Leftover | undefined> => {
      const modified = await modifiedAt(join(drafts, name));
      return modified && { bucket: 'uploads', key: name, id: name, startedAt: modified };
    }),
  );
  return found.filter((draft) => draft !== undefined);
}

export async function removeDraft({ drafts }: DiskFiles, id: string): Promise<void> {
  if (!isSegment(id)) throw new ObjectStoreError('denied', `There is no draft ${JSON.stringify(id)}.`);
  await rm(join(drafts, id), { force: true });
}

async function modifiedAt(path: string): Promise<Date | undefined> {
  try {
    return (await stat(path)).mtime;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
