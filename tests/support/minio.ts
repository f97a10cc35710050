import { Client } from 'minio';
import {
  createS3Objects,
  type S3Objects,
  type S3ObjectsOptions,
} from '../../server/src/infra/objects/s3/index.ts';
import { MINIO_PASSWORD, MINIO_USER, type Server } from './services.ts';

export const TEST_BUCKETS = { uploads: 'stager-uploads', photos: 'stager-photos' } as const;

export function s3Options(port: number): S3ObjectsOptions {
  return {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    accessKey: MINIO_USER,
    secretKey: MINIO_PASSWORD,
    buckets: TEST_BUCKETS,
  };
}

/** For what tests do behind our back. */
export function clientOf({ port }: Pick<Server, 'port'>): Client {
  return new Client({
    endPoint: '127.0.0.1',
    port,
    useSSL: false,
    accessKey: MINIO_USER,
    secretKey: MINIO_PASSWORD,
    region: 'us-east-1',
  });
}

/** As whoever runs the store does it: the buckets are there before us. */
export async function openBuckets(server: Pick<Server, 'port'>): Promise<S3Objects> {
  const client = clientOf(server);
  for (const name of Object.values(TEST_BUCKETS)) {
    if (!(await client.bucketExists(name))) await client.makeBucket(name);
  }
  return createS3Objects(s3Options(server.port));
}
