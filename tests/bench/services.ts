import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { type DatabaseUrls, ensureDatabase, startPostgres } from '../../server/src/dev/postgres/index.ts';
import { migrateUp } from '../../server/src/infra/migrate/index.ts';
import { postgresBin, startRedis } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';

export interface BenchServices {
  readonly folder: string;
  readonly urls: DatabaseUrls;
  readonly redisPort: number;
  close(): Promise<void>;
}

/**
 * A PostgreSQL 15 that keeps every commit, as in production, with our tables; and a Redis.
 * @throws Error that names what is not installed
 */
export async function startServices(): Promise<BenchServices> {
  const bin = postgresBin();
  const folder = makeTempDir('stager-bench');
  const redis = await startRedis(join(folder, 'redis'));
  const postgres = await startPostgres({ dataDir: join(folder, 'pg'), port: 0, log: () => undefined, bin });
  const urls = await ensureDatabase(postgres);
  await migrateUp(urls.owner);
  return {
    folder,
    urls,
    redisPort: redis.port,
    async close() {
      await Promise.all([postgres.stop(), redis.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
