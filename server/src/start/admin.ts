import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { grantAdmin, revokeAdmin } from '../core/admin/grantAdmin.ts';
import { DomainError } from '../core/errors.ts';
import { ConfigError, readConfig } from '../infra/config.ts';
import { createPostgresAdminStore } from '../infra/postgres/index.ts';
import { StoreUnavailable } from '../ports/index.ts';
import { apiConfig } from './config.ts';

const USAGE = `Usage: admin grant-admin PRINCIPAL [--account NAME]
       admin revoke-admin PRINCIPAL
  grant-admin   makes somebody an operator of the installation; --account names the account to make for who has none
  revoke-admin  leaves them an owner of their account
PRINCIPAL is the \`sub\` of their tokens: \`stager whoami\` prints it. Both are written to the audit log.
Environment:
  STAGER_ADMIN_DATABASE_URL  connection as stager_admin`;

const settings = apiConfig.pick({ STAGER_ADMIN_DATABASE_URL: true }).required();

class UsageError extends Error {}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [command, principal, ...rest] = positionals;
  if (!principal || rest.length > 0 || !['grant-admin', 'revoke-admin'].includes(command ?? '')) {
    throw new UsageError(USAGE);
  }
  const { STAGER_ADMIN_DATABASE_URL: url } = readConfig(settings, process.env);
  const store = createPostgresAdminStore({ url, pool: 1 });
  try {
    const by = `host:${userInfo().username}`;
    const account = await store.transaction((tx) => {
      const act = { tx, principal: by };
      return command === 'grant-admin'
        ? grantAdmin(act, principal, values.account)
        : revokeAdmin(act, principal);
    });
    const verdict = command === 'grant-admin' ? 'is an admin now' : 'is an owner, and no admin any more';
    process.stdout.write(`${principal} of account ${account} ${verdict}.\n`);
  } finally {
    await store.close();
  }
}

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: { account: { type: 'string' } } });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const known = [UsageError, DomainError, ConfigError, StoreUnavailable].some(
    (kind) => error instanceof kind,
  );
  process.stderr.write(`${known && error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
