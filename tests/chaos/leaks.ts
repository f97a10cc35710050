import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { PAYMENTS_POOL, RECONCILE_POOL } from '../../worker/src/worker.ts';
import type { Field } from './field.ts';

/** Photos that a worker has in work at the same time, each in an engine of its own. */
export const WORKER_PLACES = 2;

/**
 * Connections that a system at rest may hold, by what it calls them in PostgreSQL: one API and two workers with pools of
 * `POOL`, and one that hears news in each.
 */
export const POOL = 4;
const DATABASE_MAX: Readonly<Record<string, number>> = {
  'stager-api': POOL,
  // The relay of the API has a small pool of its own.
  'stager-api-relay': 2,
  // Looked at when the API starts; operators need it seldom.
  'stager-admin': 3,
  'stager-listener': 1,
  'stager-worker': 2 * POOL,
  'stager-worker-listener': 2,
  // Pools of its own for what must not wait for photos, in each worker.
  'stager-payments': 2 * PAYMENTS_POOL,
  'stager-reconcile': 2 * RECONCILE_POOL,
  'stager-deletions': 2,
};
/** The API counts requests and rings; a worker rings, and hears by two connections. */
const REDIS_MAX = 2 + 2 * 3;

/** What a system at rest holds and should not: connections, transactions, processes. */
export async function lookForLeaks(field: Field): Promise<string[]> {
  const [store, redis] = [connectionsTo(field.store.port), connectionsTo(field.redisPort)];
  return [
    ...(await databaseLeaks(field)),
    ...(redis > REDIS_MAX ? [`${redis} connections to Redis`] : []),
    // The store lets go of idle ones after a second: what is left is held by a body that nobody reads.
    ...(store > 0 ? [`${store} connections to the store`] : []),
    ...orphans(field),
  ];
}

async function databaseLeaks(field: Field): Promise<string[]> {
  const rows = await field.query<{ name: string; count: number; stuck: number }>(
    `SELECT application_name AS name, count(*)::int AS count,
            (count(*) FILTER (WHERE state LIKE 'idle in transaction%'
                                AND state_change < now() - interval '2 seconds'))::int AS stuck
       FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1`,
  );
  return rows.flatMap(({ name, count, stuck }) => [
    ...(count > (DATABASE_MAX[name] ?? 0) ? [`${count} connections of ${name} to PostgreSQL`] : []),
    ...(stuck > 0 ? [`${stuck} transactions of ${name} are held open`] : []),
  ]);
}

/** Established connections from this machine to one of its ports; Linux only. */
function connectionsTo(port: number): number {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return lines.filter((line) => {
    const [, , peer, state] = line.trim().split(/\s+/);
    return peer?.endsWith(remote) === true && state === '01';
  }).length;
}

/** Processes of the system that nobody of it looks after any more, and engines that a worker has forgotten. */
function orphans(field: Field): string[] {
  const own = processesOf(field.folder);
  const parents = new Map(own.map((pid) => [pid, parentOf(pid)]));
  const workers = new Set(field.pids('worker'));
  const lost = own.filter((pid) => !parents.has(parents.get(pid) ?? 0) && parents.get(pid) !== process.pid);
  const engines = [...parents].filter(([, parent]) => parent !== undefined && workers.has(parent));
  const perWorker = Map.groupBy(engines, ([, parent]) => parent);
  return [
    ...lost.map((pid) => `process ${pid} is without its parent: ${commandOf(pid)}`),
    ...[...perWorker.values()]
      .filter((some) => some.length > WORKER_PLACES)
      .map((some) => `a worker has ${some.length} engines`),
  ];
}

/**
 * Processes whose data, output or folder for temporary files lies in a folder; Linux only. The last is handed on to every
 * child, engines included, which have nothing else of the stack about them.
 */
export function processesOf(folder: string): number[] {
  const leads = (pid: number, link: string) =>
    read(() => readlinkSync(`/proc/${pid}/${link}`)).startsWith(folder);
  const has = (pid: number) =>
    read(() => readFileSync(`/proc/${pid}/environ`, 'utf8')).includes(`=${folder}`);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => has(pid) || ['cwd', 'fd/1', 'fd/2'].some((link) => leads(pid, link)));
}

export function commandOf(pid: number): string {
  return read(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    .replaceAll('\0', ' ')
    .trim();
}

function parentOf(pid: number): number | undefined {
  const [, parent] = /^PPid:\s*(\d+)$/m.exec(read(() => readFileSync(`/proc/${pid}/status`, 'utf8'))) ?? [];
  return parent === undefined ? undefined : Number(parent);
}

/** A process may end while it is looked at. */
function read(look: () => string): string {
  try {
    return look();
  } catch {
    return '';
  }
}
