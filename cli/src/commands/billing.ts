import { defineCommand, type GroupSpec } from '../command.ts';
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
      flags: '--period <start>',
      about: 'first moment of an earlier period, like 2026-03-01 (default: the present one)',
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

export const billing: GroupSpec = {
  name: 'billing',
  summary: 'plans, usage and payment',
  commands: [plans, status, usage, payAsYouGo],
};
