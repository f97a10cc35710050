import type { Bucket, Objects } from '../../server/src/ports/index.ts';

/** All keys below a prefix, as the store lists them. */
export async function keysOf(
  objects: Pick<Objects, 'list'>,
  bucket: Bucket,
  prefix?: string,
): Promise<string[]> {
  return (await pagesOf(objects.list(bucket, { prefix }))).map(({ key }) => key);
}

/** All that comes in pages. */
export async function pagesOf<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = [];
  for await (const page of pages) all.push(...page);
  return all;
}
