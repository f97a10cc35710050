import { openObjects } from '../../server/src/infra/adapters.ts';
import { baseConfig } from '../../server/src/infra/config.ts';
import { createPostgresReconcileStore } from '../../server/src/infra/postgres/index.ts';
import type { ObjectRow, ObjectRowQuery } from '../../server/src/ports/index.ts';

/** The baseline: lists both sides through the adapters of reconciliation, at the same time, and does nothing with them. */
const PAGE = 2_000;

// Written by the benchmark.
const config = baseConfig.parse(JSON.parse(process.argv[2] ?? '{}'));
const store = createPostgresReconcileStore({ url: config.STAGER_DATABASE_URL, pool: 3 });
const { objects, close } = await openObjects(config);
process.send?.({ type: 'ready' });

const begin = performance.now();
const [listed, rows] = await Promise.all([listObjects(), listRows()]);
process.send?.({ type: 'done', ms: performance.now() - begin, objects: listed, rows });
await store.close();
close();
process.once('message', () => process.exit(0));

async function listObjects(): Promise<number> {
  let count = 0;
  for (const bucket of ['photos', 'uploads'] as const)
    for await (const page of objects.list(bucket)) count += page.length;
  return count;
}

async function listRows(): Promise<number> {
  let count = 0;
  for (const table of ['originals', 'outputs', 'uploads'] as const) count += await listTable(table);
  return count;
}

async function listTable(table: 'originals' | 'outputs' | 'uploads'): Promise<number> {
  let count = 0;
  for (let after: ObjectRowQuery['after'] = { key: '', id: '' }; ; ) {
    const page: ObjectRow[] = await store[table]({
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
