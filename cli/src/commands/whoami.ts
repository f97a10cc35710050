import { defineCommand } from '../command.ts';

export const whoami = defineCommand<[]>({
  name: 'whoami',
  summary: 'who you are, for which account, and where the credentials come from',
  examples: [
    { command: 'stager whoami', about: 'who am I?' },
    { command: 'stager whoami --json', about: 'for a script; exit code 4 when not logged in' },
  ],
  async run(context) {
    const { whoAmI } = await import('../actions/whoami.ts');
    context.io.print(await whoAmI(context));
  },
});
