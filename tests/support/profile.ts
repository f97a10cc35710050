import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { MINIO_PASSWORD, MINIO_USER } from './services.ts';
import type {} from './servicesSetup.ts';

/** Whether the tests of this project run on the servers of production. */
export const onServices = process.env['STAGER_TEST_PROFILE'] === 'services';

/** What makes a stack use the servers of the run: each data folder has buckets and keys of its own on them. */
export function serviceEnv(dataDir: string): Record<string, string> {
  if (!onServices) return {};
  const services = inject('services');
  const own = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const [uploads, photos] = [`uploads-${own}`, `photos-${own}`];
  // MinIO on a plain folder takes every folder in it for a bucket.
  for (const bucket of [uploads, photos]) mkdirSync(join(services.minio.folder, bucket), { recursive: true });
  const endpoint = `http://127.0.0.1:${services.minio.port}`;
  return {
    STAGER_DEV_POSTGRES: services.postgresBin,
    STAGER_OBJECTS: 's3',
    STAGER_OBJECTS_PUBLIC_URL: endpoint,
    STAGER_S3_ENDPOINT: endpoint,
    STAGER_S3_ACCESS_KEY: MINIO_USER,
    STAGER_S3_SECRET_KEY: MINIO_PASSWORD,
    STAGER_S3_UPLOADS_BUCKET: uploads,
    STAGER_S3_PHOTOS_BUCKET: photos,
    STAGER_DOORBELL: 'bee',
    STAGER_LIMITER: 'redis',
    STAGER_REDIS_URL: `redis://127.0.0.1:${services.redis.port}`,
    STAGER_REDIS_PREFIX: own,
  };
}
