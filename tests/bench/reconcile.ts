import { join } from 'node:path';
import pg from 'pg';
import { createPostgresAdminStore } from '../../server/src/infra/postgres/index.ts';
import { type WorkerConfig, workerConfig } from '../../worker/src/config.ts';
import { startChild } from './child.ts';
import { type Scanned, scanApart } from './reconcile-scan.ts';
import { type Seed, seedObjects, seedRows } from './reconcile-seed.ts';
import { openDiskShelf, openMinioShelf, type Shelf } from './reconcile-shelf.ts';
import { seedStripe } from './reconcile-stripe.ts';
import { type Bench, median, type Result, result } from './result.ts';
import { type BenchServices, startServices } from './services.ts';

const ROUNDS = 2;

/** `STAGER_BENCH_RECONCILE` makes them smaller: enough to see what is found, too short for ratio and memory. */
const wished = Number(process.env['STAGER_BENCH_RECONCILE'] ?? Number.POSITIVE_INFINITY);

export const reconcile: Bench = {
  name: 'reconcile',
  about:
    'a dry run over 1,000,000 rows and 1,000,000 objects with 0.1 % drift of every kind, beside listing both sides',
  run: () => measure(1_000_000, async ({ folder }) => openDiskShelf(join(folder, 'objects'))),
};

export const reconcileMinio: Bench = {
  name: 'reconcile-minio',
  about: 'the same over 100,000 rows and 100,000 objects in MinIO',
  run: () => measure(100_000, ({ folder }) => openMinioShelf(join(folder, 'minio'))),
};

async function measure(
  most: number,
  openShelf: (services: BenchServices) => Promise<Shelf>,
): Promise<Result[]> {
  const count = Math.min(most, wished);
  const seed: Seed = { count, planted: Math.max(1, Math.floor(count / 1000)) };
  const services = await startServices();
  const closing: (() => Promise<unknown>)[] = [];
  try {
    const client = new pg.Client(services.urls.owner);
    await client.connect();
    closing.push(() => client.end());
    const admin = createPostgresAdminStore({ url: services.urls.admin, pool: 1 });
    closing.push(() => admin.close());
    const shelf = await openShelf(services);
    closing.push(() => shelf.close());
    tell(`seeding ${count} rows, and as many objects in ${shelf.name}`);
    await seedRows(client, seed);
    await seedObjects(client, shelf, seed);
    const stripe = await seedStripe(client, services.folder, seed.planted);
    closing.push(() => stripe.close());
    const env = {
      STAGER_DATABASE_URL: services.urls.worker,
      STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
      ...shelf.env,
      ...stripe.env,
    };
    const config = workerConfig.parse(env);
    // The first only warms the caches of the system, for both alike.
    await list(env);
    const lists: number[] = [];
    const scans: Scanned[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      lists.push(await list(env));
      scans.push(await scan(admin, config, false));
    }
    const deep = await scan(admin, config, true);
    const found: Wrong[] = [];
    for (const { runId } of scans) found.push(await wrongIn(client, runId, false));
    found.push(await wrongIn(client, deep.runId, true));
    return results(lists, scans, deep, found);
  } finally {
    for (const close of closing.reverse()) await close();
    await services.close();
  }
}

async function list(env: Readonly<Record<string, string>>): Promise<number> {
  const child = await startChild('reconcile-run.ts', env);
  const { ms, rows, objects } = await child.next<{ ms: number; rows: number; objects: number }>('done');
  await child.stop();
  tell(`list: ${seconds(ms)}, ${rows} rows, ${objects} objects`);
  return ms;
}

async function scan(
  admin: Parameters<typeof scanApart>[0],
  config: WorkerConfig,
  deep: boolean,
): Promise<Scanned> {
  const scanned = await scanApart(admin, config, deep);
  const { ms, samples, peak } = scanned;
  const [first, last] = quarters(samples);
  const flat = `first quarter ${Math.round(first)} MB, last ${Math.round(last)} MB`;
  tell(`${deep ? 'deep ' : ''}scan: ${seconds(ms)}, at most ${Math.round(peak)} MB, ${flat}`);
  return scanned;
}

interface Wrong {
  readonly planted: number;
  readonly missed: number;
  readonly invented: number;
}

/** What was planted beside what the run has found, name by name. Bytes are compared by a deep run only. */
async function wrongIn(client: pg.Client, runId: string, deep: boolean): Promise<Wrong> {
  const { rows } = await client.query<Wrong>(
    `WITH planted AS (SELECT kind, name FROM bench_planted WHERE $2 OR kind <> 'hash_mismatch'),
          found AS (SELECT kind, coalesce(subject, key) AS name FROM reconcile_findings WHERE run_id = $1)
     SELECT (SELECT count(*) FROM planted)::int AS planted,
            (SELECT count(*) FROM (TABLE planted EXCEPT ALL TABLE found) m)::int AS missed,
            (SELECT count(*) FROM (TABLE found EXCEPT ALL TABLE planted) i)::int AS invented`,
    [runId, deep],
  );
  const [wrong] = rows;
  if (!wrong) throw new Error('nothing was compared');
  return wrong;
}

function results(
  lists: readonly number[],
  scans: readonly Scanned[],
  deep: Scanned,
  found: readonly Wrong[],
): Result[] {
  const all = [...scans, deep];
  const most = (of: (wrong: Wrong) => number) => Math.max(...found.map(of));
  return [
    result('dry run', 'ms', median(scans.map(({ ms }) => ms)), median(lists), '<= 1.5'),
    result('deep dry run', 'ms', deep.ms, median(lists), null),
    result('memory at most', 'MB', Math.max(...all.map(({ peak }) => peak)), null, '<= 256'),
    // The last quarter of a run beside its first.
    result('growth of memory', 'ratio', Math.max(...scans.map(growth)), null, '<= 1.1'),
    // Bodies of objects come and go outside of the heap.
    result('growth of memory, deep', 'ratio', growth(deep), null, '<= 1.25'),
    result(
      'drift planted',
      'findings',
      most(({ planted }) => planted),
      null,
      null,
    ),
    result(
      'drift missed',
      'findings',
      most(({ missed }) => missed),
      null,
      '<= 0',
    ),
    result(
      'drift invented',
      'findings',
      most(({ invented }) => invented),
      null,
      '<= 0',
    ),
  ];
}

function growth({ samples }: Scanned): number {
  const [first, last] = quarters(samples);
  return last / first;
}

function quarters(samples: readonly number[]): [first: number, last: number] {
  const quarter = Math.max(1, samples.length >> 2);
  return [median(samples.slice(0, quarter)), median(samples.slice(-quarter))];
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
