import { rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import { keepDatabase } from '../../server/src/dev/database.ts';
import { makeTempDir } from './tempDir.ts';

/** A data folder in which a stack once started: its database is made, migrated and seeded. */
export interface StackData {
  readonly folder: string;
  remove(): void;
}

/** What the first start of a stack makes, and takes most of its time for. @param bin of another PostgreSQL than the embedded one */
export async function makeStackData(bin?: string): Promise<StackData> {
  const folder = makeTempDir('stager-stack-data');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    const database = keepDatabase({ dataDir: folder, port: 0, say: () => undefined, bin });
    await database.urls.finally(() => database.stop());
    rmSync(join(folder, 'postgres.log'));
    return { folder, remove };
  } catch (error) {
    remove();
    throw error;
  }
}

/** Puts it into the data folder of a stack, which then starts as it would a second time. */
export async function fillStackData(dataDir: string): Promise<void> {
  const response = await fetch(new URL('stack', inject('clusterUrl')));
  if (!response.ok) throw new Error(`the data of a stack were not made: ${await response.text()}`);
  await cp(await response.text(), dataDir, { recursive: true });
}
