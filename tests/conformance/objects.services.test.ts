import { rmSync } from 'node:fs';
import { openBuckets } from '../support/minio.ts';
import { startMinio, storeProgram } from '../support/services.ts';
import { makeTempDir } from '../support/stack.ts';
import { describeObjects } from './objects.ts';

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
