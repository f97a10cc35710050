import type { Client } from 'minio';
import {
  type Bucket,
  compareKeys,
  type Leftover,
  type ListedObject,
  type ListOptions,
  ObjectStoreError,
  type Objects,
} from '../../../ports/index.ts';

/** What the parts of the adapter share. */
export interface Calls {
  readonly client: Client;
  readonly buckets: Readonly<Record<Bucket, string>>;
  /** Runs a call that changes nothing twice, again while the store does not answer. */
  readonly often: <T>(run: () => Promise<T>, signal?: AbortSignal) => Promise<T>;
  readonly stat: Objects['stat'];
}

const PAGE = 1000;

type Page = Awaited<ReturnType<Client['listObjectsV2Query']>>;

/** The next page is asked for while the one before is worked on. */
export async function* listPages(
  { client, buckets, often }: Calls,
  bucket: Bucket,
  { prefix = '', after = '', signal }: ListOptions,
): AsyncGenerator<ListedObject[]> {
  const ask = (token: string) => {
    const asking = often(
      () => client.listObjectsV2Query(buckets[bucket], prefix, token, '', PAGE, token === '' ? after : ''),
      signal,
    );
    // Whoever takes the page hears of its failure; nobody may, when the reader leaves.
    asking.catch(() => undefined);
    return asking;
  };
  let last = after;
  for (let page: Promise<Page> | undefined = ask(''), token = ''; page; ) {
    const { objects, isTruncated, nextContinuationToken }: Page = await page;
    if (isTruncated && (nextContinuationToken === '' || nextContinuationToken === token))
      throw new ObjectStoreError('failed', 'The photo store cut a listing short without a way to go on.');
    token = nextContinuationToken;
    page = isTruncated ? ask(token) : undefined;
    const listed = objects.map(toListed);
    for (const { key } of listed) {
      // A page that comes twice or out of order would make rows look as if their objects were missing.
      if (compareKeys(key, last) <= 0 || !key.startsWith(prefix))
        throw new ObjectStoreError('failed', `The photo store lists ${key} out of order.`);
      last = key;
    }
    yield listed;
  }
}

/** One entry that cannot be read makes the listing as a whole worth nothing. */
function toListed({ name, size, etag, lastModified }: Page['objects'][number]): ListedObject {
  const modifiedAt = new Date(lastModified ?? Number.NaN);
  if (
    name === undefined ||
    name === '' ||
    !etag ||
    !Number.isFinite(size) ||
    Number.isNaN(modifiedAt.getTime())
  )
    throw new ObjectStoreError('failed', 'The photo store lists something without key, size, etag or time.');
  return { key: name, size: Number(size), etag: `"${etag}"`, modifiedAt };
}

/** Uploads in parts that were begun and neither finished nor given up. */
export async function* listMultiparts(
  { client, buckets, often }: Calls,
  bucket: Bucket,
  signal: AbortSignal | undefined,
): AsyncGenerator<Leftover[]> {
  for (let [key, id] = ['', '']; ; ) {
    const page = await often(
      () => client.listIncompleteUploadsQuery(buckets[bucket], '', key, id, ''),
      signal,
    );
    yield page.uploads.map((upload) => ({
      bucket,
      key: upload.key,
      id: upload.uploadId,
      startedAt: upload.initiated,
    }));
    if (!page.isTruncated) return;
    if (page.nextKeyMarker === '' || page.nextKeyMarker === key)
      throw new ObjectStoreError(
        'failed',
        'The photo store cut a list of uploads short without a way to go on.',
      );
    [key, id] = [page.nextKeyMarker, page.nextUploadIdMarker];
  }
}
