import { linkSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type pg from 'pg';
import type { ReconcileKind } from '../../server/src/contract/index.ts';

/** Of all rows that name photos, one in so many has a result; the others are originals. */
const OUTPUTS_SHARE = 10;
/** Accounts; the first has half of the originals, in one folder. */
const ACCOUNTS = 20;
/** A file can have so many names at most on common file systems. */
const NAMES_MAX = 30_000;
export const BYTES = 64;

export interface Seed {
  /** Rows that name photos, and photos. */
  readonly count: number;
  /** Of each kind. */
  readonly planted: number;
}

/** SQL that gives the key of the nth original or output, as `keyOf` does. */
const ACCOUNT = `'acc_' || lpad((CASE WHEN n % 2 = 0 THEN 0 ELSE n % ${ACCOUNTS} END)::text, 26, '0')`;
const HASH = `encode(sha256(n::text::bytea), 'hex')`;
const IMAGE = `'img_' || lpad(n::text, 26, '0')`;
export const ORIGINAL_KEY = `'originals/' || ${ACCOUNT} || '/' || ${HASH}`;
export const OUTPUT_KEY = `'outputs/' || ${ACCOUNT} || '/' || ${IMAGE} || '/lease/finished.jpg'`;

/**
 * Rows and as many objects, and of each kind that many that contradict. Past the API, but real rows and real objects: many
 * names of few files, as a million files of their own would fill a disk.
 */
export async function seedRows(client: pg.Client, { count, planted }: Seed): Promise<void> {
  const outputs = Math.floor(count / OUTPUTS_SHARE);
  const originals = count - outputs;
  const statements = [
    `INSERT INTO accounts (id, name, plan)
     SELECT 'acc_' || lpad(n::text, 26, '0'), 'Account ' || n, 'dev' FROM generate_series(0, ${ACCOUNTS - 1}) n`,
    `INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
     SELECT ${ACCOUNT}, 'org_' || lpad(n::text, 26, '0'), ${HASH}, ${BYTES}, 'image/jpeg', 4, 3, ${ORIGINAL_KEY}
       FROM generate_series(1, ${originals}) n`,
    // Behind those with results stand as many of each kind as are planted.
    `INSERT INTO images (account_id, id, original_id, engine, seed, variation, params, spec_hash, state)
     SELECT ${ACCOUNT}, ${IMAGE}, 'org_' || lpad(n::text, 26, '0'), 'finish', 1, 0, '{}', ${HASH},
            CASE WHEN n > ${outputs + 2 * planted} THEN 'processing' WHEN n > ${outputs + planted} THEN 'queued' ELSE 'ready' END
       FROM generate_series(1, ${outputs + 3 * planted}) n`,
    `INSERT INTO image_outputs (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
     SELECT ${ACCOUNT}, ${IMAGE}, 'finished', 1, ${OUTPUT_KEY}, 'image/jpeg', ${BYTES}, ${HASH}, 4, 3
       FROM generate_series(1, ${outputs}) n`,
    `INSERT INTO jobs (id, account_id, image_id, priority, max_attempts)
     SELECT 'job_' || lpad(n::text, 26, '0'), ${ACCOUNT}, ${IMAGE}, 1, 3 FROM generate_series(1, ${planted}) n`,
    `INSERT INTO ledger (account_id, id, image_id, period_start, overage, reserved_at)
     SELECT ${ACCOUNT}, 'led_' || lpad(n::text, 26, '0'), ${IMAGE}, '2026-01-01', false, now()
       FROM generate_series(1, ${planted}) n`,
    `INSERT INTO uploads (id, account_id, sha256, size, content_type, object_key, expires_at)
     SELECT 'upl_' || lpad(n::text, 26, '0'), ${ACCOUNT}, ${HASH}, 100, 'image/jpeg', ${ACCOUNT} || '/upl_' || lpad(n::text, 26, '0'), now()
       FROM generate_series(1, ${planted}) n`,
  ];
  for (const statement of statements) await client.query(statement);
  await client.query('VACUUM ANALYZE');
}

/** Keys of all photos that there are to be, and where each kind of drift among them is. */
export async function* seedKeys(client: pg.Client, { count, planted }: Seed): AsyncGenerator<string[]> {
  const outputs = Math.floor(count / OUTPUTS_SHARE);
  const originals = count - outputs;
  const page = 10_000;
  // The first of each are those that are missing.
  for (const [key, total] of [
    [ORIGINAL_KEY, originals],
    [OUTPUT_KEY, outputs],
  ] as const) {
    for (let from = planted + 1; from <= total; from += page) {
      const { rows } = await client.query<{ key: string }>(
        `SELECT ${key} AS key FROM generate_series($1::int, $2::int) n`,
        [from, Math.min(total, from + page - 1)],
      );
      yield rows.map((row) => row.key);
    }
  }
  // As many as are missing stand where no row names them.
  yield Array.from({ length: 2 * planted }, (_, n) => `originals/acc_orphans/${n}`);
}

/** What is to be found, by kind. */
export function expectedCounts(
  { planted }: Seed,
  leftovers: boolean,
): Partial<Record<ReconcileKind, number>> {
  return {
    missing_original: planted,
    missing_output: planted,
    ready_without_output: planted,
    orphan_object: 2 * planted,
    size_mismatch: planted,
    stuck_queued: planted,
    stuck_processing: planted,
    job_without_image: planted,
    upload_unfinalized: planted,
    ledger_mismatch: planted,
    ...(leftovers ? { multipart_leftover: planted } : {}),
  };
}

/** Names for as many files as there are keys; the last of the outputs are too short. */
export function createLinker(root: string) {
  const pool = join(root, 'pool');
  mkdirSync(pool, { recursive: true });
  let names = 0;
  let source = '';
  const made = new Set<string>();
  return {
    link(key: string): void {
      if (names % NAMES_MAX === 0) {
        source = join(pool, String(names / NAMES_MAX));
        writeFileSync(source, Buffer.alloc(BYTES, 'x'));
      }
      names += 1;
      const path = join(root, 'photos', key);
      const folder = dirname(path);
      if (!made.has(folder)) {
        mkdirSync(folder, { recursive: true });
        if (!key.startsWith('outputs/')) made.add(folder);
      }
      linkSync(source, path);
    },
    shorten(key: string): void {
      const path = join(root, 'photos', key);
      rmSync(path);
      writeFileSync(path, 'short');
    },
    leave(count: number): void {
      for (let n = 0; n < count; n += 1) writeFileSync(join(root, '.tmp', `draft-${n}`), '');
    },
  };
}
