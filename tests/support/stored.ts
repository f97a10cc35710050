import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Objects } from '../../server/src/ports/index.ts';
import { onServices, serviceEnv } from './profile.ts';
import type { TestStack } from './stack.ts';

/** Where clients of a stack reach its pixel store. */
export function objectsOrigin(stack: TestStack): string {
  return serviceEnv(stack.dataDir)['STAGER_OBJECTS_PUBLIC_URL'] ?? stack.apiUrl;
}

/** The bytes behind a link, read from the store itself and past everything of ours. */
export async function readStored(stack: TestStack, link: string): Promise<Buffer> {
  const path = decodeURIComponent(new URL(link).pathname);
  if (!onServices) return readFileSync(join(stack.dataDir, path));
  const env = serviceEnv(stack.dataDir);
  const { Client } = await import('minio');
  const client = new Client({
    endPoint: '127.0.0.1',
    port: Number(new URL(env['STAGER_S3_ENDPOINT'] ?? '').port),
    useSSL: false,
    accessKey: env['STAGER_S3_ACCESS_KEY'] ?? '',
    secretKey: env['STAGER_S3_SECRET_KEY'] ?? '',
  });
  const [, bucket = '', ...key] = path.split('/');
  const parts: Buffer[] = [];
  for await (const part of await client.getObject(bucket, key.join('/'))) parts.push(part);
  return Buffer.concat(parts);
}

/** The same link with another first letter in its signature. */
export function withAlteredSignature(link: string): string {
  return link.replace(/((?:sig|X-Amz-Signature)=)(.)/, (_, name: string, letter: string) => {
    return name + (letter === '0' ? '1' : '0');
  });
}

/** The same link, said to end later. */
export function withLaterEnd(link: string): string {
  const url = new URL(link);
  if (url.searchParams.has('X-Amz-Expires')) url.searchParams.set('X-Amz-Expires', '604800');
  else url.searchParams.set('exp', String(Math.floor(Date.now() / 1000) + 999_999));
  return url.href;
}

/** The pixel store of a stack, for what is done to it behind our back. */
export async function openStored(stack: TestStack): Promise<{ readonly objects: Objects; close(): void }> {
  if (!onServices) {
    const { createDiskObjects } = await import('../../server/src/infra/objects/disk/index.ts');
    const root = join(stack.dataDir, 'objects');
    const objects = createDiskObjects({ root, publicUrl: stack.apiUrl, secrets: ['a-secret-of-16-bytes'] });
    return { objects, close: () => undefined };
  }
  const { createS3Objects } = await import('../../server/src/infra/objects/s3/index.ts');
  const env = serviceEnv(stack.dataDir);
  const objects = createS3Objects({
    endpoint: env['STAGER_S3_ENDPOINT'] ?? '',
    region: 'us-east-1',
    accessKey: env['STAGER_S3_ACCESS_KEY'] ?? '',
    secretKey: env['STAGER_S3_SECRET_KEY'] ?? '',
    buckets: {
      uploads: env['STAGER_S3_UPLOADS_BUCKET'] ?? '',
      photos: env['STAGER_S3_PHOTOS_BUCKET'] ?? '',
    },
  });
  return { objects, close: objects.close };
}
