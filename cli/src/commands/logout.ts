import { defineCommand } from '../command.ts';

export const logout = defineCommand<[]>({
  name: 'logout',
  summary: 'revoke the login and remove it from this machine',
  examples: [
    { command: 'stager logout', about: 'log out' },
    { command: 'stager logout --profile work', about: 'of another profile' },
  ],
  async run(context) {
    const { logOut } = await import('../actions/logout.ts');
    context.io.print(await logOut(context));
  },
});
