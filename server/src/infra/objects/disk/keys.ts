import { join } from 'node:path';
import { type Bucket, type ObjectRef, ObjectStoreError } from '../../../ports/index.ts';

export const BUCKETS: readonly Bucket[] = ['uploads', 'photos'];

/** No segment begins with a dot: so none is `.` or `..`, and none collides with our own folders. */
const SEGMENT = /^[a-z0-9_-][a-z0-9_.-]*$/;
const PREFIX = /^[a-z0-9_./-]*$/;
/** The shortest limit among common file systems, bytes. */
const SEGMENT_MAX = 200;
const KEY_MAX = 1024;

export function isBucket(name: string): name is Bucket {
  return BUCKETS.some((bucket) => bucket === name);
}

export function isSegment(name: string): boolean {
  return name.length <= SEGMENT_MAX && SEGMENT.test(name);
}

/** Keys become paths, so what a key may be is decided here and nowhere else. */
export function isKey(key: string): boolean {
  return key.length <= KEY_MAX && key.split('/').every(isSegment);
}

/** @throws ObjectStoreError `denied` for a key that could leave its bucket or that no adapter would take */
export function pathOf(root: string, { bucket, key }: ObjectRef): string {
  if (!isBucket(bucket) || !isKey(key)) {
    throw new ObjectStoreError(
      'denied',
      `The key ${JSON.stringify(key)} is not valid: segments of a-z, 0-9, _, . and -, none beginning with a dot.`,
    );
  }
  return join(root, bucket, key);
}

/** Folder whose entries can match a prefix of keys, relative to the bucket; empty for the bucket itself. */
export function folderOfPrefix(prefix: string): string {
  const folder = prefix.slice(0, Math.max(0, prefix.lastIndexOf('/')));
  if (!PREFIX.test(prefix) || (folder !== '' && !isKey(folder))) {
    throw new ObjectStoreError(
      'denied',
      `The prefix ${JSON.stringify(prefix)} is not the start of any valid key.`,
    );
  }
  return folder;
}
