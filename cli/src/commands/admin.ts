import { defineCommand, type GroupSpec } from '../command.ts';
import { usageError } from '../errors.ts';
import { ACCOUNTS, days, integer, moment, oneOf, requireId } from '../parse.ts';
import { jobs, stats } from './adminJobs.ts';
import { stripeEvents } from './adminStripe.ts';

const LIMIT = {
  flags: '--limit <n>',
  about: 'at most this many (default 50)',
  parse: integer('--limit', 1, 100_000),
};
const YES = { flags: '-y, --yes', about: 'do not ask' };
const ACCOUNT = { name: '<account>', about: 'its id' };
const ID = 'acc_01jd0000000000000000000000';
const STATES = ['active', 'suspended'] as const;

const listAccounts = defineCommand<[], { limit?: number; state?: (typeof STATES)[number] }>({
  name: 'list',
  summary: 'list accounts, newest first',
  options: [LIMIT, { flags: '--state <state>', about: STATES.join(' or '), parse: oneOf('--state', STATES) }],
  examples: [{ command: 'stager admin accounts list --state suspended', about: 'who is suspended?' }],
  async run(context, _args, options) {
    const { listAccounts: run } = await import('../actions/adminAccounts.ts');
    context.io.print(await run(context, options));
  },
});

const showAccount = defineCommand<[string]>({
  name: 'show',
  summary: 'what is known of an account',
  arguments: [ACCOUNT],
  examples: [{ command: `stager admin accounts show ${ID}`, about: 'one account' }],
  async run(context, [account]) {
    const { showAccount: run } = await import('../actions/adminAccounts.ts');
    context.io.print(await run(context, account));
  },
});

const showUsage = defineCommand<[string]>({
  name: 'usage',
  summary: 'what an account has used: its plan, images by state, storage, cost',
  arguments: [ACCOUNT],
  examples: [{ command: `stager admin accounts usage ${ID}`, about: 'one account' }],
  async run(context, [account]) {
    const { showUsage: run } = await import('../actions/adminStats.ts');
    context.io.print(await run(context, account));
  },
});

const suspend = defineCommand<[string], { reason?: string; yes?: boolean }>({
  name: 'suspend',
  summary: 'stop an account, within seconds, everywhere',
  description:
    'Its members are refused, its streams end and its photos are not worked on, until it is resumed. Asks for the name ' +
    'of the account.',
  arguments: [ACCOUNT],
  options: [{ flags: '--reason <text>', about: 'kept in the audit log; name no person' }, YES],
  examples: [
    {
      command: `stager admin accounts suspend ${ID} --reason "unpaid since March"`,
      about: 'who does not pay',
    },
  ],
  async run(context, [account], { reason, yes }) {
    if (!reason?.trim()) {
      throw usageError('--reason is needed: the audit log keeps why.', 'Name no person in it.');
    }
    const { suspendAccount } = await import('../actions/adminAccounts.ts');
    context.io.print(await suspendAccount(context, account, { reason, yes: yes ?? false }));
  },
});

const resume = defineCommand<[string]>({
  name: 'resume',
  summary: 'end the suspension of an account',
  arguments: [ACCOUNT],
  examples: [{ command: `stager admin accounts resume ${ID}`, about: 'who has paid' }],
  async run(context, [account]) {
    const { resumeAccount } = await import('../actions/adminAccounts.ts');
    context.io.print(await resumeAccount(context, account));
  },
});

const remove = defineCommand<[string], { grace?: number; yes?: boolean }>({
  name: 'delete',
  summary: 'delete an account with all its rows and photos, for good',
  description:
    'It is suspended at once; a worker removes everything behind the grace. Asks for the name of the account. Refused ' +
    'while a subscription is running.',
  arguments: [ACCOUNT],
  options: [
    {
      flags: '--grace <days>',
      about: 'time in which it can be kept: 30d, 4w (default: none)',
      parse: days('--grace', 90),
    },
    YES,
  ],
  examples: [
    { command: `stager admin accounts delete ${ID} --grace 7d`, about: 'a customer has asked for it' },
    { command: `stager admin accounts proof ${ID}`, about: 'how far it is, and what was removed' },
  ],
  async run(context, [account], { grace = 0, yes }) {
    const { deleteAccount } = await import('../actions/adminDeletions.ts');
    context.io.print(await deleteAccount(context, account, { graceDays: grace, yes: yes ?? false }));
  },
});

const keep = defineCommand<[string]>({
  name: 'keep',
  summary: 'cancel a deletion that has not begun; the account stays suspended until it is resumed',
  arguments: [ACCOUNT],
  examples: [{ command: `stager admin accounts keep ${ID}`, about: 'they have changed their minds' }],
  async run(context, [account]) {
    const { keepAccount } = await import('../actions/adminDeletions.ts');
    context.io.print(await keepAccount(context, account));
  },
});

const proof = defineCommand<[string]>({
  name: 'proof',
  summary:
    'what became of a deletion: rows by table, objects, a hash over their keys; exit code 8 until it is done',
  arguments: [ACCOUNT],
  examples: [{ command: `stager admin accounts proof ${ID} --json > proof.json`, about: 'for the files' }],
  async run(context, [account]) {
    const { showProof } = await import('../actions/adminDeletions.ts');
    const { result, exit } = await showProof(context, account);
    context.io.print(result);
    return exit;
  },
});

const listDeletions = defineCommand<[], { limit?: number }>({
  name: 'deletions',
  summary: 'deletions of accounts, newest first: due, under way, done and canceled',
  options: [LIMIT],
  examples: [{ command: 'stager admin accounts deletions', about: 'what is due, and what was done?' }],
  async run(context, _args, { limit }) {
    const { listDeletions: run } = await import('../actions/adminDeletions.ts');
    context.io.print(await run(context, limit));
  },
});

const addClient = defineCommand<[string, string], { name?: string }>({
  name: 'add',
  summary: 'let a machine client of the identity provider act for an account',
  arguments: [ACCOUNT, { name: '<client>', about: 'id of the client at the identity provider' }],
  options: [{ flags: '--name <name>', about: 'what it is for (default: its id)' }],
  examples: [
    { command: `stager admin clients add ${ID} k3J9x2 --name "CI of Acme"`, about: 'an Auth0 application' },
  ],
  async run(context, [account, clientId], { name = clientId }) {
    const { addClient: run } = await import('../actions/adminClients.ts');
    context.io.print(await run(context, account, { clientId, name }));
  },
});

const listClients = defineCommand<[string], { limit: number | undefined }>({
  name: 'list',
  summary: 'machine clients of an account, newest first',
  arguments: [ACCOUNT],
  options: [LIMIT],
  examples: [{ command: `stager admin clients list ${ID}`, about: 'which machines act for it?' }],
  async run(context, [account], { limit }) {
    const { listClients: run } = await import('../actions/adminClients.ts');
    context.io.print(await run(context, account, limit));
  },
});

const removeClient = defineCommand<[string, string], { yes?: boolean }>({
  name: 'remove',
  summary: 'take an account from a machine client',
  arguments: [ACCOUNT, { name: '<client>', about: 'id of the client at the identity provider' }],
  options: [YES],
  examples: [{ command: `stager admin clients remove ${ID} k3J9x2`, about: 'a secret that leaked' }],
  async run(context, [account, client], { yes }) {
    const { removeClient: run } = await import('../actions/adminClients.ts');
    context.io.print(await run(context, account, client, yes ?? false));
  },
});

interface AuditOptions {
  readonly account?: string;
  readonly principal?: string;
  readonly object?: string;
  readonly action?: string;
  readonly since?: string;
  readonly limit?: number;
}

const audit = defineCommand<[], AuditOptions>({
  name: 'audit',
  summary: 'who did what, to which object, with which credential; newest first',
  options: [
    {
      flags: '--account <account>',
      about: 'only on this account: its id',
      parse: (text) => requireId(ACCOUNTS, text),
    },
    { flags: '--principal <principal>', about: 'only by this person or machine' },
    { flags: '--object <id>', about: 'only on this object' },
    { flags: '--action <action>', about: 'only this, such as token.create' },
    {
      flags: '--since <when>',
      about: 'only from then on: 2026-03-01, or 24h, 7d',
      parse: moment('--since'),
    },
    LIMIT,
  ],
  examples: [
    { command: `stager admin audit --account ${ID} --since 7d`, about: 'what happened there this week?' },
    { command: 'stager admin audit --object tok_01jd0000000000000000000000 --json', about: 'one token' },
  ],
  async run(context, _args, options) {
    const { listAudit } = await import('../actions/adminAudit.ts');
    context.io.print(await listAudit(context, options));
  },
});

export const admin: GroupSpec = {
  name: 'admin',
  summary: 'for whoever runs the installation',
  commands: [
    stats,
    jobs,
    {
      name: 'accounts',
      summary: 'list, suspend, resume and delete accounts; what they use',
      commands: [listAccounts, showAccount, showUsage, suspend, resume, remove, keep, proof, listDeletions],
    },
    {
      name: 'clients',
      summary: 'machine clients that act for an account',
      commands: [addClient, listClients, removeClient],
    },
    stripeEvents,
    audit,
  ],
};
