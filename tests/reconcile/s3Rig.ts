import { createS3Objects } from '../../server/src/infra/objects/s3/index.ts';
import type { MemoryS3 } from '../support/memoryS3.ts';
import { clientOf, s3Options, TEST_BUCKETS } from '../support/minio.ts';
import { type Rig, startRig } from './rig.ts';

/** On an S3 in memory, which it closes. */
export async function startS3Rig(server: MemoryS3): Promise<Rig> {
  const objects = createS3Objects(s3Options(server.port));
  const client = clientOf(server);
  return startRig({
    objects,
    env: {},
    leave: () => client.initiateNewMultipartUpload(TEST_BUCKETS.uploads, 'acc_left/half', {}),
    async close() {
      objects.close();
      await server.close();
    },
  });
}
