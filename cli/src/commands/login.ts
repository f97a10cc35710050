import { defineCommand } from '../command.ts';

interface Options {
  readonly browser: boolean;
}

export const login = defineCommand<[], Options>({
  name: 'login',
  summary: 'log in with a code that you approve in a browser, here or elsewhere',
  description:
    'Prints an address and a code, and waits until you have approved it there: in the browser of this machine, or of ' +
    'any other. The login is kept for this profile and API, readable by you alone, and renews itself. In CI, set ' +
    'STAGER_CLIENT_ID and STAGER_CLIENT_SECRET instead.',
  options: [{ flags: '--no-browser', about: 'print the address only, open nothing' }],
  examples: [
    { command: 'stager login', about: 'log in' },
    { command: 'stager login --no-browser', about: 'over SSH: open the address elsewhere' },
    {
      command: 'stager login --api-url https://api.example.com --profile work',
      about: 'another installation, beside the first',
    },
  ],
  async run(context, _args, options) {
    const { logIn } = await import('../actions/login.ts');
    await logIn(context, options);
  },
});
