import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { eraseOrigins, grantAdmin, type HostAct, revokeAdmin } from '../core/admin/grantAdmin.ts';
import { DomainError } from '../core/errors.ts';
import { ConfigError, readConfig } from '../infra/config.ts';
import { createPostgresAdminStore } from '../infra/postgres/index.ts';
import { StoreUnavailable } from '../ports/index.ts';
import { apiConfig } from './config.ts';

const USAGE = `Usage: admin grant-admin PRINCIPAL [--account NAME]
       admin revoke-admin PRINCIPAL
       admin erase-origins PRINCIPAL
  grant-admin   makes somebody an operator of the installation; --account names the account to make for who has none
  revoke-admin  leaves them an owner of their account
  erase-origins forgets the addresses that somebody's acts in the audit log came from; the acts stay
PRINCIPAL is the \`sub\` of their tokens: \`stager whoami\` prints it. All are written to the audit log.
Environment:
  STAGER_ADMIN_DATABASE_URL  connection as stager_admin`;

const settings = apiConfig.pick({ STAGER_ADMIN_DATABASE_URL: true }).required();

class UsageError extends Error {}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [command, principal, ...rest] = positionals;
  const work = COMMANDS[command ?? ''];
  if (!work || !principal || rest.length > 0) throw new UsageError(USAGE);
  const { STAGER_ADMIN_DATABASE_URL: url } = readConfig(settings, process.env);
  const store = createPostgresAdminStore({ url, pool: 1 });
  try {
    const by = `host:${userInfo().username}`;
    const line = await store.transaction((tx) => work({ tx, principal: by }, principal, values.account));
    process.stdout.write(`${line}\n`);
  } finally {
    await store.close();
  }
}

type Command = (act: HostAct, principal: string, account: string | undefined) => Promise<string>;

const COMMANDS: Readonly<Record<string, Command>> = {
  'grant-admin': async (act, principal, account) =>
    `${principal} of account ${await grantAdmin(act, principal, account)} is an admin now.`,
  'revoke-admin': async (act, principal) =>
    `${principal} of account ${await revokeAdmin(act, principal)} is an owner, and no admin any more.`,
  'erase-origins': async (act, principal) =>
    `${await eraseOrigins(act, principal)} entries say no more where ${principal} was.`,
};

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
