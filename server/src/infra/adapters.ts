import type { Doorbell, Objects, Payments } from '../ports/index.ts';
import type { BaseConfig } from './config.ts';
import type { DiskObjects } from './objects/disk/index.ts';
import type { Listener } from './postgres/index.ts';

export interface OpenObjects {
  readonly objects: Objects;
  /** The same store when it is a folder of this machine, whose links the API itself answers. */
  readonly disk: DiskObjects | undefined;
  close(): void;
}

/**
 * The pixel store that the configuration names. What the other one needs is not loaded.
 * @param wish `keepDrafts` for those who look for what writers left behind
 */
export async function openObjects(
  config: BaseConfig,
  wish: { readonly keepDrafts?: boolean } = {},
): Promise<OpenObjects> {
  if (config.STAGER_OBJECTS === 's3') {
    const { createS3Objects } = await import('./objects/s3/index.ts');
    const objects = createS3Objects({
      endpoint: chosen(config.STAGER_S3_ENDPOINT),
      publicUrl: config.STAGER_OBJECTS_PUBLIC_URL,
      region: config.STAGER_S3_REGION,
      accessKey: chosen(config.STAGER_S3_ACCESS_KEY),
      secretKey: chosen(config.STAGER_S3_SECRET_KEY),
      buckets: { uploads: config.STAGER_S3_UPLOADS_BUCKET, photos: config.STAGER_S3_PHOTOS_BUCKET },
    });
    return { objects, disk: undefined, close: objects.close };
  }
  const { createDiskObjects } = await import('./objects/disk/index.ts');
  const disk = createDiskObjects({
    root: chosen(config.STAGER_OBJECTS_DIR),
    publicUrl: config.STAGER_OBJECTS_PUBLIC_URL,
    secrets: chosen(config.STAGER_OBJECTS_SECRETS),
    ...wish,
  });
  return { objects: disk, disk, close: () => undefined };
}

/** The doorbell that the configuration names. */
export async function openDoorbell(config: BaseConfig, listener: Listener): Promise<Doorbell> {
  if (config.STAGER_DOORBELL === 'bee') {
    const { createBeeDoorbell } = await import('./doorbell/bee/index.ts');
    return createBeeDoorbell({ url: chosen(config.STAGER_REDIS_URL), prefix: config.STAGER_REDIS_PREFIX });
  }
  const { createPostgresDoorbell } = await import('./doorbell/postgres.ts');
  return createPostgresDoorbell(listener);
}

/** What takes the money; null where no key is set. The client of Stripe is loaded at its first use. */
export async function openPayments(config: BaseConfig): Promise<Payments | null> {
  const secretKey = config.STAGER_STRIPE_SECRET_KEY;
  if (secretKey === undefined) return null;
  const { createStripePayments } = await import('./stripe/payments.ts');
  return createStripePayments({ secretKey, apiUrl: config.STAGER_STRIPE_API_URL });
}

/** `readConfig` has seen to it that what a choice needs is there. */
export function chosen<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a setting is missing that readConfig asks for');
  return value;
}
