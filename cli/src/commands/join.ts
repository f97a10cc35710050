import { defineCommand } from '../command.ts';

export const join = defineCommand<[]>({
  name: 'join',
  summary: 'join the account that an invitation is for',
  description:
    'Asks for the invitation that an owner made with `stager members invite`, or reads it from stdin. Log in first, as ' +
    'yourself.',
  examples: [
    { command: 'stager join', about: 'asks for the invitation' },
    { command: 'stager join < invitation.txt', about: 'from a file' },
  ],
  async run(context) {
    const { joinAccount } = await import('../actions/invitations.ts');
    context.io.print(await joinAccount(context));
  },
});
