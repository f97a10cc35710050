import { workOnDueRun } from '../../server/src/core/reconcile/index.ts';
import { createDiskObjects } from '../../server/src/infra/objects/disk/index.ts';
import { createPostgresReconcileStore } from '../../server/src/infra/postgres/index.ts';
import type { ObjectRow, ObjectRowQuery, Objects, ReconcileStore } from '../../server/src/ports/index.ts';
import { openBuckets } from '../support/minio.ts';

/** Lists both sides, or works on the run that is due, in a process of its own: its memory is what is measured. */
interface Settings {
  readonly mode: 'list' | 'scan';
  readonly workerUrl: string;
  /** Folder of the disk store. */
  readonly root: string;
  /** Of MinIO; the disk store without. */
  readonly s3Port?: number;
  readonly aheadMs: number;
}

const SAMPLE_MS = 50;
const PAGE = 2_000;

// Written by the benchmark.
const settings = JSON.parse(process.argv[2] ?? '{}') as Settings;
const store = createPostgresReconcileStore({ url: settings.workerUrl, pool: 3 });
const objects = await openStore();
process.send?.({ type: 'ready' });

const samples: number[] = [];
const sampler = setInterval(() => samples.push(process.memoryUsage.rss()), SAMPLE_MS);
const begin = performance.now();
if (settings.mode === 'list') await Promise.all([listObjects(), listRows()]);
else await scan();
const ms = performance.now() - begin;
clearInterval(sampler);
process.send?.({ type: 'done', ms, samples });
await store.close();
process.once('message', () => process.exit(0));

async function openStore(): Promise<Objects> {
  if (settings.s3Port) return openBuckets({ port: settings.s3Port });
  return createDiskObjects({
    root: settings.root,
    publicUrl: 'http://127.0.0.1:1',
    secrets: ['a-secret-of-16-bytes'],
  });
}

async function scan(): Promise<void> {
  const deps = {
    store,
    objects,
    now: () => Date.now() + settings.aheadMs,
    leaseMs: 60_000,
    compareSubscriptions: null,
  };
  const worked = await workOnDueRun(deps, new AbortController().signal);
  if (worked?.ended !== 'scanned' && worked?.ended !== 'stopped')
    throw new Error(`the run has ended ${worked?.ended}`);
}

async function listObjects(): Promise<number> {
  let count = 0;
  for (const bucket of ['photos', 'uploads'] as const)
    for await (const page of objects.list(bucket)) count += page.length;
  return count;
}

async function listRows(): Promise<number> {
  let count = 0;
  for (const table of ['originals', 'outputs', 'uploads'] as const) count += await listTable(store, table);
  return count;
}

async function listTable(rows: ReconcileStore, table: 'originals' | 'outputs' | 'uploads'): Promise<number> {
  let count = 0;
  for (let after: ObjectRowQuery['after'] = { key: '', id: '' }; ; ) {
    const page: ObjectRow[] = await rows[table]({
      after,
      prefix: '',
      projectId: null,
      endedBefore: new Date(),
      limit: PAGE,
    });
    count += page.length;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return count;
    after = { key: last.key, id: last.id };
  }
}
