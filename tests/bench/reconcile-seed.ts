import type pg from 'pg';
import type { Shelf } from './reconcile-shelf.ts';

/** Of all rows that name photos, one in so many has a result; the others are originals. */
const OUTPUTS_SHARE = 10;
/** Accounts; the first has half of the originals, in one folder. */
const ACCOUNTS = 20;
const BYTES = 64;
const PAGE = 10_000;

export interface Seed {
  /** Rows that name photos, and about as many photos. */
  readonly count: number;
  /** Of each kind. */
  readonly planted: number;
}

/** SQL for what belongs to the number n. */
const ID = (prefix: string) => `'${prefix}_' || lpad(n::text, 26, '0')`;
const ACCOUNT = `'acc_' || lpad((CASE WHEN n % 2 = 0 THEN 0 ELSE n % ${ACCOUNTS} END)::text, 26, '0')`;
const HASH = `encode(sha256(rpad(n::text, ${BYTES}, 'x')::bytea), 'hex')`;
const ORIGINAL_KEY = `'originals/' || ${ACCOUNT} || '/' || ${HASH}`;
const OUTPUT_KEY = `'outputs/' || ${ACCOUNT} || '/' || ${ID('img')} || '/lease/finished.jpg'`;

function bytesOf(n: number): Buffer {
  return Buffer.from(String(n).padEnd(BYTES, 'x'));
}

/** Rows past the API, and which of them contradict: `bench_planted` names them as findings do. */
export async function seedRows(client: pg.Client, { count, planted: p }: Seed): Promise<void> {
  const outputs = Math.floor(count / OUTPUTS_SHARE);
  const numbers = (from: number, to: number) => `generate_series(${from}, ${to}) n`;
  const plant = (kind: string, name: string, from: number, to: number) =>
    `INSERT INTO bench_planted SELECT '${kind}', ${name} FROM ${numbers(from, to)}`;
  const statements = [
    'CREATE TABLE bench_planted (kind text COLLATE "C", name text COLLATE "C")',
    `INSERT INTO accounts (id, name, plan) SELECT ${ID('acc')}, 'Account ' || n, 'dev' FROM ${numbers(0, ACCOUNTS - 1)}`,
    `INSERT INTO originals (account_id, id, sha256, size, content_type, width, height, object_key)
     SELECT ${ACCOUNT}, ${ID('org')}, ${HASH}, ${BYTES}, 'image/jpeg', 4, 3, ${ORIGINAL_KEY}
       FROM ${numbers(1, count - outputs)}`,
    // Behind those with results: ready without one, queued without a job, in work with nobody.
    `INSERT INTO images (account_id, id, original_id, engine, seed, variation, params, spec_hash, state)
     SELECT ${ACCOUNT}, ${ID('img')}, ${ID('org')}, 'finish', 1, 0, '{}', ${HASH},
            CASE WHEN n > ${outputs + 2 * p} THEN 'processing' WHEN n > ${outputs + p} THEN 'queued' ELSE 'ready' END
       FROM ${numbers(1, outputs + 3 * p)}`,
    `INSERT INTO image_outputs (account_id, image_id, name, position, object_key, content_type, size, sha256, width, height)
     SELECT ${ACCOUNT}, ${ID('img')}, 'finished', 1, ${OUTPUT_KEY}, 'image/jpeg', ${BYTES}, ${HASH}, 4, 3
       FROM ${numbers(1, outputs)}`,
    // The first are still reserved, others were given back although their images are ready.
    `INSERT INTO ledger (account_id, id, image_id, period_start, overage, reserved_at, state, ended_at, reason)
     SELECT ${ACCOUNT}, ${ID('led')}, ${ID('img')}, '2026-01-01', false, now(),
            CASE WHEN n <= ${p} THEN 'reserved' WHEN n > ${3 * p} AND n <= ${4 * p} THEN 'refunded' ELSE 'settled' END,
            CASE WHEN n > ${p} THEN now() END, CASE WHEN n > ${p} THEN 'ready' END
       FROM ${numbers(1, outputs + p)}`,
    `INSERT INTO jobs (id, account_id, image_id, priority, max_attempts)
     SELECT ${ID('job')}, ${ACCOUNT}, ${ID('img')}, 1, 3 FROM ${numbers(1, p)}`,
    `INSERT INTO uploads (id, account_id, sha256, size, content_type, object_key, expires_at)
     SELECT ${ID('upl')}, ${ACCOUNT}, ${HASH}, 100, 'image/jpeg', ${ACCOUNT} || '/' || ${ID('upl')}, now()
       FROM ${numbers(1, p)}`,
    plant('missing_original', ID('org'), 1, p),
    plant('missing_output', ID('img'), 1, p),
    plant('size_mismatch', ID('img'), p + 1, 2 * p),
    plant('hash_mismatch', ID('img'), 2 * p + 1, 3 * p),
    plant('ready_without_output', ID('img'), outputs + 1, outputs + p),
    plant('stuck_queued', ID('img'), outputs + p + 1, outputs + 2 * p),
    plant('stuck_processing', ID('img'), outputs + 2 * p + 1, outputs + 3 * p),
    plant('job_without_image', ID('job'), 1, p),
    plant('ledger_mismatch', ID('led'), 1, p),
    plant('ledger_mismatch', ID('img'), 3 * p + 1, 4 * p),
    plant('upload_unfinalized', ID('upl'), 1, p),
    plant('orphan_object', `'originals/acc_orphans/' || n`, 1, p),
  ];
  for (const statement of statements) await client.query(statement);
  await client.query('VACUUM ANALYZE');
}

/** Real objects, each of its own bytes, but for those that are planted: missing, too short, of other bytes, of nobody. */
export async function seedObjects(
  client: pg.Client,
  shelf: Shelf,
  { count, planted: p }: Seed,
): Promise<void> {
  const outputs = Math.floor(count / OUTPUTS_SHARE);
  await fill(client, shelf, ORIGINAL_KEY, p + 1, count - outputs, bytesOf);
  await fill(client, shelf, OUTPUT_KEY, p + 1, outputs, (n) => {
    if (n > 3 * p) return bytesOf(n);
    return n > 2 * p ? Buffer.alloc(BYTES, '?') : Buffer.from('short');
  });
  await fill(client, shelf, `'originals/acc_orphans/' || n`, 1, p, bytesOf);
  const leftovers = await shelf.leave(p);
  await client.query(`INSERT INTO bench_planted SELECT 'multipart_leftover', unnest($1::text[])`, [
    leftovers,
  ]);
}

async function fill(
  client: pg.Client,
  shelf: Shelf,
  key: string,
  first: number,
  last: number,
  bytes: (n: number) => Buffer,
): Promise<void> {
  for (let from = first; from <= last; from += PAGE) {
    const { rows } = await client.query<{ key: string }>(
      `SELECT ${key} AS key FROM generate_series($1::int, $2::int) n ORDER BY n`,
      [from, Math.min(last, from + PAGE - 1)],
    );
    await shelf.put(rows.map((row, index) => ({ key: row.key, bytes: bytes(from + index) })));
  }
}
