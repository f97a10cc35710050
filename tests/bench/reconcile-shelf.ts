import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { clientOf, openBuckets, TEST_BUCKETS } from '../support/minio.ts';
import { MINIO_PASSWORD, MINIO_USER, startMinio, storeProgram } from '../support/services.ts';

/** Where photos are put past the API. */
export interface Shelf {
  /** For whoever reads what was measured. */
  readonly name: string;
  /** What a process is told to use it. */
  readonly env: Readonly<Record<string, string>>;
  put(photos: readonly { readonly key: string; readonly bytes: Buffer }[]): Promise<void>;
  /** Begins to write so many objects and goes away; answers with what a finding names of each. */
  leave(count: number): Promise<string[]>;
  close(): Promise<void>;
}

/** Puts at the same time. */
const LANES = 8;

export function openDiskShelf(root: string): Shelf {
  for (const folder of ['.tmp', 'photos', 'uploads']) mkdirSync(join(root, folder), { recursive: true });
  let made = '';
  return {
    name: 'the disk store',
    env: { STAGER_OBJECTS: 'disk', STAGER_OBJECTS_DIR: root, STAGER_OBJECTS_SECRETS: 'a-secret-of-16-bytes' },
    async put(photos) {
      for (const { key, bytes } of photos) {
        const path = join(root, 'photos', key);
        const folder = dirname(path);
        if (folder !== made) mkdirSync(folder, { recursive: true });
        made = folder;
        writeFileSync(path, bytes);
      }
    },
    async leave(count) {
      const names = Array.from({ length: count }, (_, n) => `draft-${n}`);
      for (const name of names) writeFileSync(join(root, '.tmp', name), '');
      return names;
    },
    close: async () => undefined,
  };
}

/** @param folder of its data; whoever calls removes it */
export async function openMinioShelf(folder: string): Promise<Shelf> {
  const server = await startMinio(folder);
  const objects = await openBuckets(server);
  const client = clientOf(server);
  async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
    const left = [...items];
    const lane = async () => {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
  return {
    name: storeProgram(),
    env: {
      STAGER_OBJECTS: 's3',
      STAGER_S3_ENDPOINT: `http://127.0.0.1:${server.port}`,
      STAGER_S3_ACCESS_KEY: MINIO_USER,
      STAGER_S3_SECRET_KEY: MINIO_PASSWORD,
      STAGER_S3_UPLOADS_BUCKET: TEST_BUCKETS.uploads,
      STAGER_S3_PHOTOS_BUCKET: TEST_BUCKETS.photos,
    },
    put: (photos) =>
      inLanes(photos, ({ key, bytes }) => client.putObject(TEST_BUCKETS.photos, key, bytes, bytes.length)),
    async leave(count) {
      const ids: string[] = [];
      const keys = Array.from({ length: count }, (_, n) => `acc_left/${n}`);
      await inLanes(keys, async (key) =>
        ids.push(await client.initiateNewMultipartUpload(TEST_BUCKETS.uploads, key, {})),
      );
      return ids;
    },
    async close() {
      objects.close();
      await server.stop();
    },
  };
}
