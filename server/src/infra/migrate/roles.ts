import type { Knex } from 'knex';
import { MigrationError } from './errors.ts';

/** Owns every table. The API and the worker connect as the others, which can do what the steps grant them. */
export const OWNER_ROLE = 'stager_owner';
export const APP_ROLES = ['stager_api', 'stager_worker', 'stager_relay', 'stager_admin'] as const;

/**
 * The owner may not make roles, so a missing one is a matter for the operator.
 * @throws MigrationError that names the role and the SQL that makes it
 */
export async function requireRoles(db: Knex): Promise<void> {
  const { rows } = await db.raw<{ rows: { me: string; present: string[] }[] }>(
    'SELECT current_user AS me, ARRAY(SELECT rolname::text FROM pg_roles WHERE rolname = ANY(?)) AS present',
    [[...APP_ROLES]],
  );
  const me = rows[0]?.me ?? '';
  if (me !== OWNER_ROLE) {
    throw new MigrationError(
      `Migrations run as the role ${OWNER_ROLE}, which owns the tables, and this connection is ${me}. ` +
        `Connect as ${OWNER_ROLE}. If the role does not exist, run as a superuser: ${createRole(OWNER_ROLE)}`,
    );
  }
  const missing = APP_ROLES.filter((role) => !rows[0]?.present.includes(role));
  if (missing.length === 0) return;
  throw new MigrationError(
    `The migrations grant rights to ${missing.join(', ')}: these roles do not exist yet. ` +
      `Run as a superuser, then migrate again: ${missing.map(createRole).join(' ')}`,
  );
}

function createRole(role: string): string {
  return `CREATE ROLE ${role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '...';`;
}
