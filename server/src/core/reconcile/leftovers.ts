import { LEFTOVER_MS } from './limits.ts';
import type { Scan } from './scan.ts';
import { BUCKETS } from './sentinel.ts';

/** Uploads in parts that nobody finished, and drafts of writers that went away. */
export async function findLeftovers(scan: Scan): Promise<void> {
  const { objects } = scan.deps;
  const before = new Date(scan.now - LEFTOVER_MS);
  for (const bucket of BUCKETS) {
    for await (const page of objects.listLeftovers(bucket, scan.signal)) {
      scan.seen.objects += page.length;
      for (const { key, id, startedAt } of page) {
        if (startedAt >= before || !scan.covers(startedAt)) continue;
        scan.find({
          kind: 'multipart_leftover',
          repair: 'abort_multipart',
          accountId: null,
          projectId: null,
          subject: id,
          bucket,
          key,
          version: null,
          etag: null,
          expected: 'finished or given up within a day',
          found: `begun ${startedAt.toISOString()}`,
        });
      }
    }
  }
}
