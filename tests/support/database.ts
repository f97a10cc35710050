import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import type { ClusterUrls } from './cluster.ts';

export interface TestDatabase {
  readonly name: string;
  readonly ownerUrl: string;
  readonly apiUrl: string;
  readonly workerUrl: string;
  readonly relayUrl: string;
  readonly adminUrl: string;
  /** For what tests do to a server: ending connections, looking at locks. Never for the code under test. */
  readonly superuserUrl: string;
  drop(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** False: no tables, as before the first migration. */
  readonly migrated?: boolean;
}

/**
 * A database of its own, for one test file: a copy of the migrated one, or an empty one. The server is the run's.
 * Dropping it ends what is still connected, and tells what that was, since somebody forgot to close it.
 */
export async function createTestDatabase({
  migrated = true,
}: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const urls = await clusterUrls();
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = migrated ? new URL(urls.owner).pathname.slice(1) : 'template0';
  await asSuperuser(urls, async (client) => {
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${template} OWNER stager_owner`);
  });
  return {
    name,
    ownerUrl: onDatabase(urls.owner, name),
    apiUrl: onDatabase(urls.api, name),
    workerUrl: onDatabase(urls.worker, name),
    relayUrl: onDatabase(urls.relay, name),
    adminUrl: onDatabase(urls.admin, name),
    superuserUrl: onDatabase(urls.superuser, name),
    drop: () =>
      asSuperuser(urls, async (client) => {
        const left = await connectionsLeft(client, name);
        await client.query(`DROP DATABASE ${name} WITH (FORCE)`);
        if (left.length > 0) throw new Error(`connections were left open: ${left.join(', ')}`);
      }),
  };
}

/** A connection that the server has not yet noticed the end of is given a moment. */
async function connectionsLeft(client: pg.Client, database: string): Promise<string[]> {
  const until = performance.now() + 15_000;
  for (;;) {
    const { rows } = await client.query<{ name: string }>(
      `SELECT coalesce(nullif(application_name, ''), usename) AS name FROM pg_stat_activity
        WHERE datname = $1 AND backend_type = 'client backend'`,
      [database],
    );
    if (rows.length === 0 || performance.now() > until) return rows.map((row) => row.name);
  }
}

async function clusterUrls(): Promise<ClusterUrls> {
  const response = await fetch(inject('clusterUrl'));
  if (!response.ok) throw new Error(`the test database did not start: ${await response.text()}`);
  // Written by the global setup of the same run.
  return (await response.json()) as ClusterUrls;
}

async function asSuperuser(urls: ClusterUrls, run: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(urls.superuser);
  await client.connect();
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

function onDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
