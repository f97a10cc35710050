import { defineCommand, type GroupSpec } from '../command.ts';
import { usageError } from '../errors.ts';
import { integer, moment, oneOf } from '../parse.ts';

const plans = defineCommand<[]>({
  name: 'plans',
  summary: 'plans, their prices and limits, the one in force marked',
  examples: [
    { command: 'stager billing plans', about: 'what is there, and what does it cost?' },
    { command: `stager billing plans --json | jq '.[].limit'`, about: 'images a month, for a script' },
  ],
  async run(context) {
    const { showPlans } = await import('../actions/billing.ts');
    context.io.print(await showPlans(context));
  },
});

const status = defineCommand<[]>({
  name: 'status',
  summary: 'the plan in force, its period, and what is left of it',
  examples: [
    { command: 'stager billing status', about: 'where do we stand?' },
    {
      command: `test "$(stager billing status --json | jq '.remaining // 1e9')" -ge 40`,
      about: 'whether 40 images can be made now',
    },
  ],
  async run(context) {
    const { showBilling } = await import('../actions/billing.ts');
    context.io.print(await showBilling(context));
  },
});

const usage = defineCommand<[], { period?: string }>({
  name: 'usage',
  summary: 'images of a period by day and project, and a bar of what is used',
  options: [
    {
      flags: '--period <day>',
      about: 'a day, or moment, of an earlier period, like 2026-03-01 (default: the present one)',
      parse: moment('--period'),
    },
  ],
  examples: [
    { command: 'stager billing usage', about: 'this period' },
    {
      command: `stager billing usage --period 2026-03-01 --json | jq -r '.items[] | [.day, .projectId, .units] | @csv'`,
      about: 'one that is over, for a spreadsheet',
    },
  ],
  async run(context, _args, { period }) {
    const { showUsage } = await import('../actions/billingUsage.ts');
    context.io.print(await showUsage(context, period));
  },
});

const payAsYouGo = defineCommand<['on' | 'off' | undefined], { cap?: number; yes?: boolean }>({
  name: 'pay-as-you-go',
  summary: 'whether images above the limit are made and paid one by one',
  description: 'Without a word it says how it is. Switching it on asks first, as it can cost money.',
  arguments: [{ name: '[on|off]', about: 'switches it' }],
  options: [
    {
      flags: '--cap <n>',
      about: 'at most this many images above the limit a period; 0: no limit (default: as before)',
      parse: integer('--cap', 0, 1_000_000),
    },
    { flags: '-y, --yes', about: 'do not ask' },
  ],
  examples: [
    { command: 'stager billing pay-as-you-go on --cap 50', about: 'up to 50 images more, a period' },
    { command: 'stager billing pay-as-you-go off', about: 'nothing above the limit' },
  ],
  async run(context, [word], { cap, yes }) {
    const { switchPayAsYouGo } = await import('../actions/billing.ts');
    const wanted = word === undefined ? undefined : oneOf('pay-as-you-go', ['on', 'off'])(word);
    context.io.print(await switchPayAsYouGo(context, wanted, cap, yes ?? false));
  },
});

const NO_BROWSER = { flags: '--no-browser', about: 'print the address and open nothing' };

const checkout = defineCommand<[], { plan?: 'pro' | 'business'; wait: boolean; browser: boolean }>({
  name: 'checkout',
  summary: 'buy a plan: prints and opens a link, and waits until the plan is in force',
  description:
    'The link shows the plan to an owner of the account, who logs in and pays in the browser. It is good for half an ' +
    'hour and lets nobody in by itself. Under --json each step is one line.',
  options: [
    { flags: '--plan <plan>', about: 'pro or business', parse: oneOf('--plan', ['pro', 'business']) },
    { flags: '--no-wait', about: 'print the link and end' },
    NO_BROWSER,
  ],
  examples: [
    { command: 'stager billing checkout --plan pro', about: 'buy it, and go on working here' },
    { command: 'stager billing checkout --plan pro --no-wait', about: 'a link for whoever pays' },
  ],
  async run(context, _args, { plan, wait, browser }) {
    if (plan === undefined) {
      throw usageError('--plan is needed: pro or business.', 'stager billing plans shows what they cost.');
    }
    const { buyPlan } = await import('../actions/billingCheckout.ts');
    return buyPlan(context, { plan, wait, browser });
  },
});

const portal = defineCommand<[], { browser: boolean }>({
  name: 'portal',
  summary: 'open the page to change the card, and to see and pay invoices',
  description: 'The page is of Stripe. Whoever has the address may use it, for some minutes.',
  options: [NO_BROWSER],
  examples: [{ command: 'stager billing portal', about: 'another card' }],
  async run(context, _args, { browser }) {
    const { openPortal } = await import('../actions/billingCheckout.ts');
    context.io.print(await openPortal(context, browser));
  },
});

const invoices = defineCommand<[], { limit: number | undefined }>({
  name: 'invoices',
  summary: 'invoices, newest first',
  options: [
    { flags: '--limit <n>', about: 'at most this many (default 50)', parse: integer('--limit', 1, 100_000) },
  ],
  examples: [
    { command: 'stager billing invoices', about: 'what was paid?' },
    { command: `stager billing invoices --json | jq -r '.[0].pdfUrl'`, about: 'the latest, for the books' },
  ],
  async run(context, _args, { limit }) {
    const { listInvoices } = await import('../actions/billingInvoices.ts');
    context.io.print(await listInvoices(context, limit));
  },
});

export const billing: GroupSpec = {
  name: 'billing',
  summary: 'plans, usage and payment',
  commands: [plans, status, usage, checkout, portal, invoices, payAsYouGo],
};
