import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { timeBareStart } from '../../server/src/dev/postgres/index.ts';
import { makeTempDir, startTestStack } from '../support/stack.ts';
import { type Bench, median, result } from './result.ts';

const ROUNDS = 5;

export const stack: Bench = {
  name: 'stack',
  about: 'a second start of the embedded stack beside the bare PostgreSQL server on the same data',
  async run() {
    const dataDir = makeTempDir('stager-bench-stack');
    try {
      const firstBegin = performance.now();
      await (await startTestStack({ dataDir })).stop();
      const first = performance.now() - firstBegin;
      const starts: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const begin = performance.now();
        const running = await startTestStack({ dataDir });
        starts.push(performance.now() - begin);
        await running.stop();
        bare.push(await timeBareStart({ dataDir: join(dataDir, 'postgres'), port: 0, log: () => undefined }));
      }
      return [
        result('first start and stop', 'ms', first, null, null),
        result('second start', 'ms', median(starts), median(bare), null),
      ];
    } finally {
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
};
