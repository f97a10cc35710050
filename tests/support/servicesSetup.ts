import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { serveCluster } from './serveCluster.ts';
import { postgresBin, type Services, startMinio, startRedis, storeProgram, versionOf } from './services.ts';
import { makeTempDir } from './tempDir.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Servers of the run, on the services profile only. */
    services: Services;
  }
}

/** The services profile: the servers of production, for all files of the project. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = makeTempDir('stager-services');
  const minio = join(folder, 'minio');
  const [store, redis] = await Promise.all([startMinio(minio), startRedis(join(folder, 'redis'))]);
  const bin = postgresBin();
  const used = ['postgres', 'redis-server', storeProgram(), 'stripe-mock'].map(
    (name) => `${name}: ${versionOf(name)}`,
  );
  process.stdout.write(`services: ${used.join(' · ')}\n`);
  const stopCluster = await serveCluster(project, bin);
  project.provide('services', {
    minio: { port: store.port, folder: minio },
    redis: { port: redis.port },
    postgresBin: bin,
  });
  return async () => {
    await stopCluster();
    await Promise.all([store.stop(), redis.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
}
