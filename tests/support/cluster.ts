import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDatabase, startPostgres } from '../../server/src/dev/postgres/index.ts';
import { migrateUp } from '../../server/src/infra/migrate/index.ts';

export interface ClusterUrls {
  /** Superuser, on the maintenance database: for what tests do to a server, never for what the product does. */
  readonly superuser: string;
  readonly owner: string;
  readonly api: string;
  readonly worker: string;
  readonly relay: string;
  readonly admin: string;
}

export interface Cluster {
  readonly urls: ClusterUrls;
  stop(): Promise<void>;
}

/** What is lost in a crash of the machine is of no interest here. */
const FAST = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' };

/**
 * A server whose database is migrated and stays untouched: tests get copies of it.
 * @param bin of another PostgreSQL than the embedded one
 */
export async function startCluster(bin?: string): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'stager-test-postgres-'));
  const server = await startPostgres({
    dataDir: join(folder, 'data'),
    port: 0,
    log: () => undefined,
    bin,
    settings: FAST,
  });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { user, password } = server.superuser;
    const superuser = `postgres://${user}:${password}@${server.host}:${server.port}/postgres`;
    const urls = await ensureDatabase(server);
    await migrateUp(urls.owner);
    return { urls: { superuser, ...urls }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
