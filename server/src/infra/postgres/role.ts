import type pg from 'pg';
import { StoreUnavailable } from '../../ports/index.ts';
import { ConfigError } from '../config.ts';

/**
 * Row-level security is no wall to a superuser, to a role that bypasses it, or to the owner of the tables.
 * @throws ConfigError which says how to get a role that it holds for
 */
export async function refuseMightyRole(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ role: string; why: string | null }>(`
    SELECT current_user AS role, CASE
             WHEN bool_or(rolsuper) THEN 'is a superuser'
             WHEN bool_or(rolbypassrls) THEN 'may bypass row-level security (BYPASSRLS)'
             WHEN bool_or(EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid AND c.relname = 'accounts'))
             THEN 'owns the tables' END AS why
      FROM pg_roles r WHERE rolname IN (current_user, session_user)`);
  const [found] = rows;
  if (!found?.why) return;
  throw new ConfigError(
    `The database role ${found.role} ${found.why}, so that accounts would not be kept apart. Connect with the role ` +
      'of this process: stager_api, stager_worker, stager_relay or stager_admin, each made by CREATE ROLE … LOGIN ' +
      'NOSUPERUSER NOBYPASSRLS. See docs/access.md.',
  );
}

/** At the start of a process. A database that is away is waited for: its connections are looked at as they are made. */
export async function refuseMightyRoles(stores: readonly { check(): Promise<void> }[]): Promise<void> {
  for (const outcome of await Promise.allSettled(stores.map((store) => store.check()))) {
    if (outcome.status === 'rejected' && !(outcome.reason instanceof StoreUnavailable)) throw outcome.reason;
  }
}
