import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { RECONCILE_KINDS } from '../../server/src/contract/index.ts';
import { newId } from '../../server/src/core/ids.ts';
import { createPostgresAdminStore } from '../../server/src/infra/postgres/index.ts';
import { startChild } from './child.ts';
import { createLinker, expectedCounts, OUTPUT_KEY, type Seed, seedKeys, seedRows } from './reconcile-seed.ts';
import { type Bench, median, type Result, result } from './result.ts';
import { startServices } from './services.ts';

/** `STAGER_BENCH_RECONCILE` makes it smaller. */
const COUNT = Number(process.env['STAGER_BENCH_RECONCILE'] ?? 1_000_000);
const ROUNDS = 3;
const AHEAD_MS = 30 * 60 * 60_000;
const MB = 1024 * 1024;
/** As docs/reconcile.md tells for workers: V8 gives its youngest generation what a machine has. */
const NODE_OPTIONS = ['--max-semi-space-size=4'];

interface Done {
  readonly ms: number;
  readonly samples: readonly number[];
}

export const reconcile: Bench = {
  name: 'reconcile',
  about:
    'a dry run over 1,000,000 rows and 1,000,000 objects with 0.1 % drift of every kind, beside listing both sides',
  async run() {
    const services = await startServices();
    const root = join(services.folder, 'objects');
    const seed: Seed = { count: COUNT, planted: Math.max(1, Math.floor(COUNT / 1000)) };
    const client = new pg.Client(services.urls.owner);
    const admin = createPostgresAdminStore({ url: services.urls.admin, pool: 1 });
    try {
      await client.connect();
      tell(`seeding ${seed.count} rows and objects`);
      await seedRows(client, seed);
      await seedDisk(client, root, seed);
      const settings = { workerUrl: services.urls.worker, root, aheadMs: AHEAD_MS };
      const measure = async (mode: 'list' | 'scan'): Promise<Done> => {
        const child = await startChild('reconcile-run.ts', { ...settings, mode }, NODE_OPTIONS);
        const done = await child.next<Done>('done');
        await child.stop();
        tell(`${mode}: ${(done.ms / 1000).toFixed(1)} s, ${Math.round(Math.max(...done.samples) / MB)} MB`);
        return done;
      };
      // The first only warms the caches of the system, for both alike.
      await measure('list');
      const lists: number[] = [];
      const scans: Done[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        lists.push((await measure('list')).ms);
        await admin.transaction((tx) =>
          tx.reconcile.create(newId('rec'), {
            projectId: null,
            accountId: null,
            kinds: null,
            since: null,
            deep: false,
            requestedBy: 'bench',
          }),
        );
        scans.push(await measure('scan'));
      }
      const [last] = (await admin.transaction((tx) => tx.reconcile.list({ limit: 1, after: null }))).items;
      return results(seed, lists, scans, last?.checkpoint?.counts ?? {});
    } finally {
      await Promise.all([client.end(), admin.close()]);
      await services.close();
    }
  },
};

async function seedDisk(client: pg.Client, root: string, seed: Seed): Promise<void> {
  for (const folder of ['.tmp', 'photos', 'uploads']) mkdirSync(join(root, folder), { recursive: true });
  const linker = createLinker(root);
  for await (const keys of seedKeys(client, seed)) for (const key of keys) linker.link(key);
  const { rows } = await client.query<{ key: string }>(
    `SELECT ${OUTPUT_KEY} AS key FROM generate_series($1::int, $2::int) n`,
    [seed.planted + 1, 2 * seed.planted],
  );
  for (const { key } of rows) linker.shorten(key);
  linker.leave(seed.planted);
}

function results(
  seed: Seed,
  lists: readonly number[],
  scans: readonly Done[],
  found: Readonly<Record<string, number>>,
): Result[] {
  const expected: Readonly<Record<string, number>> = expectedCounts(seed, true);
  const differences = RECONCILE_KINDS.map((kind) => (found[kind] ?? 0) - (expected[kind] ?? 0));
  const sum = (sign: number) => differences.reduce((total, one) => total + Math.max(0, sign * one), 0);
  const peaks = scans.map(({ samples }) => Math.max(...samples) / MB);
  return [
    result('dry run', 'ms', median(scans.map(({ ms }) => ms)), median(lists), '<= 1.5'),
    result('memory at most', 'MB', Math.max(...peaks), null, '<= 256'),
    // The second half of a run beside its first.
    result('growth of memory', 'ratio', median(scans.map(growth)), null, '<= 1.1'),
    result('drift missed', 'findings', sum(-1), null, '<= 0'),
    result('drift invented', 'findings', sum(1), null, '<= 0'),
  ];
}

function growth({ samples }: Done): number {
  const half = samples.length >> 1;
  return Math.max(...samples.slice(half)) / Math.max(...samples.slice(0, half));
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}
