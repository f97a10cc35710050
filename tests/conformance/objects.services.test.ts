import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { pagesOf } from '../support/keys.ts';
import { clientOf, openBuckets, TEST_BUCKETS } from '../support/minio.ts';
import { startMinio, storeProgram } from '../support/services.ts';
import { makeTempDir } from '../support/stack.ts';
import { describeObjects } from './objects.ts';

test('an upload in parts that nobody finishes is a leftover, and can be removed', async () => {
  const folder = makeTempDir('stager-minio');
  const server = await startMinio(folder);
  const objects = await openBuckets(server);
  try {
    const client = clientOf(server);
    const id = await client.initiateNewMultipartUpload(TEST_BUCKETS.photos, 'outputs/a/b', {});
    const [found, ...others] = await pagesOf(objects.listLeftovers('photos'));
    expect(found).toMatchObject({ bucket: 'photos', key: 'outputs/a/b', id });
    expect(others).toEqual([]);
    if (!found) return;
    await objects.removeLeftover(found);
    await objects.removeLeftover(found);
    expect(await pagesOf(objects.listLeftovers('photos'))).toEqual([]);
  } finally {
    objects.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});

describeObjects(`s3 on ${storeProgram()}`, async () => {
  const folder = makeTempDir('stager-minio');
  const server = await startMinio(folder);
  const objects = await openBuckets(server);
  return {
    objects,
    async close() {
      objects.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
