import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDiskObjects, createObjectsHandler } from '../../server/src/infra/objects/disk/index.ts';
import { describeObjects } from './objects.ts';

describeObjects('disk', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stager-disk-'));
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const secrets = ['conformance-secret-0001'];
  const objects = createDiskObjects({ root, publicUrl: `http://127.0.0.1:${port}`, secrets });
  const handle = createObjectsHandler({
    objects,
    secrets,
    log: { info: () => undefined, error: () => undefined },
  });
  server.on('request', (req, res) => void handle(req, res));
  return {
    objects,
    async close() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await rm(root, { recursive: true });
    },
  };
});
