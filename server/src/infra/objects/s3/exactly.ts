import { createHash } from 'node:crypto';
import { CopyDestinationOptions, CopySourceOptions } from 'minio';
import type { ConditionalOutcome, ObjectRef } from '../../../ports/index.ts';
import { codeOf, unlessMissing } from './errors.ts';
import type { Calls } from './list.ts';

/**
 * Copies under the condition that it is still this object, then removes the source under the same. When the target is
 * there already and holds the same bytes, an earlier try was cut off between the two.
 */
export async function moveExactly(
  calls: Calls,
  from: ObjectRef,
  to: ObjectRef,
  etag: string,
): Promise<ConditionalOutcome> {
  const { client, buckets, often, stat } = calls;
  const source = await stat(from);
  if (!source) return 'missing';
  if (source.etag !== etag) return 'changed';
  const target = await stat(to);
  if (target && target.size !== source.size) return 'changed';
  if (target && target.etag !== source.etag && !(await holdSame(calls, from, to))) return 'changed';
  if (!target) {
    const copied = await often(() =>
      client
        .copyObject(
          new CopySourceOptions({ Bucket: buckets[from.bucket], Object: from.key, MatchETag: etag }),
          new CopyDestinationOptions({ Bucket: buckets[to.bucket], Object: to.key }),
        )
        .then(() => 'done' as const)
        .catch(unlessChanged),
    );
    if (copied !== 'done') return copied;
  }
  return removeExactly(calls, from, etag);
}

/**
 * S3 has no condition for a removal that every store knows: what is put in between the look and the removal is lost, so
 * callers keep writers of this key away.
 */
export async function removeExactly(
  { client, buckets, often, stat }: Calls,
  ref: ObjectRef,
  etag: string,
): Promise<ConditionalOutcome> {
  const found = await stat(ref);
  if (!found) return 'missing';
  if (found.etag !== etag) return 'changed';
  await often(() => client.removeObject(buckets[ref.bucket], ref.key));
  return 'done';
}

/** The store names the same bytes otherwise when they had come in parts. */
async function holdSame({ client, buckets, often }: Calls, ...refs: readonly ObjectRef[]): Promise<boolean> {
  const hashes = refs.map(({ bucket, key }) =>
    often(async () => {
      const hash = createHash('sha256');
      for await (const chunk of await client.getObject(buckets[bucket], key)) hash.update(chunk);
      return hash.digest('hex');
    }),
  );
  return new Set(await Promise.all(hashes)).size === 1;
}

function unlessChanged(error: unknown): ConditionalOutcome {
  if (codeOf(error) === 'PreconditionFailed') return 'changed';
  unlessMissing(error);
  return 'missing';
}
