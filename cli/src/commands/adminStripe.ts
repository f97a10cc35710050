import { defineCommand, type GroupSpec } from '../command.ts';
import { usageError } from '../errors.ts';
import { integer, oneOf } from '../parse.ts';

const STATES = ['parked', 'unknown', 'received', 'handled', 'ignored'] as const;
const EVENTS = { name: '<events...>', about: 'ids of events: evt_…' };
const ID = 'evt_1PabcDEFghi';

const list = defineCommand<[], { state?: (typeof STATES)[number]; limit?: number }>({
  name: 'list',
  summary: 'events of Stripe in one state, newest first; those that failed too often unless told otherwise',
  options: [
    { flags: '--state <state>', about: STATES.join(', '), parse: oneOf('--state', STATES) },
    { flags: '--limit <n>', about: 'at most this many (default 50)', parse: integer('--limit', 1, 100_000) },
  ],
  examples: [
    { command: 'stager admin stripe-events list', about: 'what is parked?' },
    {
      command: 'stager admin stripe-events list --state unknown',
      about: 'whose customer belongs to no account?',
    },
  ],
  async run(context, _args, options) {
    const { listStripeEvents } = await import('../actions/adminStripe.ts');
    context.io.print(await listStripeEvents(context, options));
  },
});

const retry = defineCommand<[string[]]>({
  name: 'retry',
  summary: 'have events handled again, with all their attempts',
  arguments: [EVENTS],
  examples: [{ command: `stager admin stripe-events retry ${ID}`, about: 'behind the mend' }],
  async run(context, [ids]) {
    const { retryStripeEvents } = await import('../actions/adminStripe.ts');
    const { result, exit } = await retryStripeEvents(context, ids);
    context.io.print(result);
    return exit;
  },
});

const ignore = defineCommand<[string[]], { reason?: string; yes?: boolean }>({
  name: 'ignore',
  summary: 'let events be',
  arguments: [EVENTS],
  options: [
    { flags: '--reason <text>', about: 'kept in the audit log; name no person' },
    { flags: '-y, --yes', about: 'do not ask' },
  ],
  examples: [
    {
      command: `stager admin stripe-events ignore ${ID} --reason "of another shop"`,
      about: 'what is none of ours',
    },
  ],
  async run(context, [ids], { reason, yes }) {
    if (!reason?.trim()) {
      throw usageError('--reason is needed: the audit log keeps why.', 'Name no person in it.');
    }
    const { ignoreStripeEvents } = await import('../actions/adminStripe.ts');
    const { result, exit } = await ignoreStripeEvents(context, ids, reason, yes ?? false);
    context.io.print(result);
    return exit;
  },
});

export const stripeEvents: GroupSpec = {
  name: 'stripe-events',
  summary: 'what Stripe told and could not be handled',
  commands: [list, retry, ignore],
};
