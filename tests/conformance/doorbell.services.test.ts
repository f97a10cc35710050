import { rmSync } from 'node:fs';
import { createBeeDoorbell } from '../../server/src/infra/doorbell/bee/index.ts';
import { type Server, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/stack.ts';
import { describeDoorbell } from './doorbell.ts';

let folder: string;
let redis: Server;
const bells: { close(): Promise<void> }[] = [];

describeDoorbell(
  'bee-queue',
  async () => {
    folder = makeTempDir('stager-redis');
    redis = await startRedis(folder);
    const open = () => {
      const bell = createBeeDoorbell({ url: `redis://127.0.0.1:${redis.port}`, prefix: 'test' });
      bells.push(bell);
      return bell;
    };
    return [open(), open()];
  },
  async () => {
    for (const bell of bells) await bell.close();
    await redis.stop();
    rmSync(folder, { recursive: true, force: true });
  },
);
