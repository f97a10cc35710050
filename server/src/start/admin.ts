import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { PLAN_IDS, PlanId } from '../contract/index.ts';
import {
  eraseOrigins,
  grantAdmin,
  type HostAct,
  revokeAdmin,
  setBasePlan,
} from '../core/admin/grantAdmin.ts';
import { DomainError } from '../core/errors.ts';
import { ConfigError, readConfig } from '../infra/config.ts';
import { createPostgresAdminStore } from '../infra/postgres/index.ts';
import { PaymentsError, StoreUnavailable } from '../ports/index.ts';
import { apiConfig } from './config.ts';

const USAGE = `Usage: admin grant-admin PRINCIPAL [--account NAME]
       admin revoke-admin PRINCIPAL
       admin set-plan PRINCIPAL PLAN
       admin erase-origins PRINCIPAL
       admin stripe-setup --return-url URL [--webhook-url URL]
  grant-admin   makes somebody an operator of the installation; --account names the account to make for who has none
  revoke-admin  leaves them an owner of their account
  set-plan      puts somebody's account on a plan (${PLAN_IDS.join(', ')}) that it has while it pays for none; a new one is
                on free
  erase-origins forgets the addresses that somebody's acts in the audit log came from; the acts stay
  stripe-setup  makes products, prices, the meter, the portal and, with --webhook-url, the webhook endpoint in the
                account at Stripe, as far as they are missing; --return-url is where the portal leads back to
PRINCIPAL is the \`sub\` of their tokens: \`stager whoami\` prints it. What is done to people is written to the audit
log.
Environment:
  STAGER_ADMIN_DATABASE_URL  connection as stager_admin; stripe-setup needs none
  STAGER_STRIPE_SECRET_KEY   stripe-setup: a key that may write products, prices, meters, the portal, webhook endpoints
  STAGER_PLANS               stripe-setup: as the API has it, for the prices`;

const settings = apiConfig.pick({ STAGER_ADMIN_DATABASE_URL: true }).required();

class UsageError extends Error {}

async function run(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  const [command, principal, ...words] = positionals;
  if (command === 'stripe-setup' && positionals.length === 1) return setUp(values);
  const work = COMMANDS[command ?? ''];
  const plan = command === 'set-plan' ? planOf(words.shift()) : undefined;
  if (!work || !principal || words.length > 0) throw new UsageError(USAGE);
  const { STAGER_ADMIN_DATABASE_URL: url } = readConfig(settings, process.env);
  const store = createPostgresAdminStore({ url, pool: 1 });
  try {
    const by = `host:${userInfo().username}`;
    const line = await store.transaction((tx) =>
      work({ tx, principal: by }, principal, { account: values.account, plan }),
    );
    process.stdout.write(`${line}\n`);
  } finally {
    await store.close();
  }
}

interface Wishes {
  readonly account: string | undefined;
  readonly plan: PlanId | undefined;
}
type Command = (act: HostAct, principal: string, wishes: Wishes) => Promise<string>;

function planOf(word: string | undefined): PlanId {
  const plan = PlanId.safeParse(word).data;
  if (!plan) throw new UsageError(`The plan is one of ${PLAN_IDS.join(', ')}.\n${USAGE}`);
  return plan;
}

async function setUp(values: Record<string, string | undefined>): Promise<void> {
  const { 'return-url': returnUrl, 'webhook-url': webhookUrl = null } = values;
  if (!returnUrl) throw new UsageError(USAGE);
  const { setUpFrom } = await import('./stripeSetup.ts');
  const { changes, webhookSecret } = await setUpFrom(process.env, { returnUrl, webhookUrl });
  for (const line of changes) process.stdout.write(`${line}\n`);
  if (changes.length === 0) process.stdout.write('Everything was there already.\n');
  if (webhookSecret) {
    process.stdout.write(
      `Its signing secret, shown this once, for STAGER_STRIPE_WEBHOOK_SECRETS: ${webhookSecret}\n`,
    );
  }
}

const COMMANDS: Readonly<Record<string, Command>> = {
  'grant-admin': async (act, principal, { account }) =>
    `${principal} of account ${await grantAdmin(act, principal, account)} is an admin now.`,
  'revoke-admin': async (act, principal) =>
    `${principal} of account ${await revokeAdmin(act, principal)} is an owner, and no admin any more.`,
  'set-plan': async (act, principal, { plan = 'free' }) =>
    `Account ${await setBasePlan(act, principal, plan)} of ${principal} is on ${plan} while it pays for no plan.`,
  'erase-origins': async (act, principal) =>
    `${await eraseOrigins(act, principal)} entries say no more where ${principal} was.`,
};

const OPTIONS = {
  account: { type: 'string' },
  'return-url': { type: 'string' },
  'webhook-url': { type: 'string' },
} as const;

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, allowPositionals: true, options: OPTIONS });
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : error}\n${USAGE}`);
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  const known = [UsageError, DomainError, ConfigError, StoreUnavailable, PaymentsError].some(
    (kind) => error instanceof kind,
  );
  process.stderr.write(`${known && error instanceof Error ? error.message : error}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
