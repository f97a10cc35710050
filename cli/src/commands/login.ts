import { defineCommand } from '../command.ts';
import { usageError } from '../errors.ts';
import { scopeList } from '../parse.ts';

interface Options {
  readonly browser: boolean;
  readonly scope?: readonly string[];
  readonly start?: boolean;
  readonly complete?: boolean;
  readonly wait?: boolean;
  readonly withToken?: boolean;
}

export const login = defineCommand<[], Options>({
  name: 'login',
  summary: 'log in with a code that you approve in a browser, here or elsewhere',
  description:
    'Prints an address and a code, and waits until you have approved it there: in the browser of this machine, or of ' +
    'any other. The login is kept for this profile and API, readable by you alone, and renews itself. It asks for all ' +
    'scopes; you get those that your role has. A script that cannot wait takes two steps: `--start` prints address and ' +
    'code, `--complete` fetches the login, with exit code 8 while nobody has approved it. In CI, set STAGER_TOKEN, or ' +
    'STAGER_CLIENT_ID and STAGER_CLIENT_SECRET.',
  options: [
    { flags: '--no-browser', about: 'print the address only, open nothing' },
    { flags: '--scope <scopes>', about: 'ask for these scopes only; may be given again', parse: scopeList },
    { flags: '--start', about: 'get a code, print it and do not wait' },
    {
      flags: '--complete',
      about: 'fetch the login that was started; exit code 8 when it is not approved yet',
    },
    { flags: '--wait', about: 'with --complete: wait until it is approved' },
    { flags: '--with-token', about: 'read a personal access token from stdin, check it and keep it' },
  ],
  examples: [
    { command: 'stager login', about: 'log in' },
    { command: 'stager login --no-browser', about: 'over SSH: open the address elsewhere' },
    { command: 'stager login --start --json', about: 'in a script: address, code, and the next command' },
    { command: 'stager login --complete', about: 'in a script, later' },
    { command: 'stager login --with-token < token.txt', about: 'with a token from `stager tokens create`' },
    {
      command: 'stager login --api-url https://api.example.com --profile work',
      about: 'another installation, beside the first',
    },
  ],
  async run(context, _args, { browser, scope = [], start, complete, wait, withToken }) {
    const ways = Object.entries({ '--start': start, '--complete': complete, '--with-token': withToken })
      .filter(([, chosen]) => chosen)
      .map(([flag]) => flag);
    if (ways.length > 1) throw usageError(`${ways.join(' and ')} exclude each other.`);
    if (wait && !complete) throw usageError('--wait goes with --complete; `stager login` waits by itself.');
    if (scope.length > 0 && (complete || withToken)) {
      throw usageError(`${ways[0]} takes no --scope: what it may do is settled already.`);
    }
    if (start) {
      const { startLogin } = await import('../actions/loginSteps.ts');
      context.io.print(await startLogin(context, scope));
      return undefined;
    }
    if (complete) {
      const { completeLogin } = await import('../actions/loginSteps.ts');
      return completeLogin(context, { wait: wait ?? false });
    }
    if (withToken) {
      const { logInWithToken } = await import('../actions/loginToken.ts');
      context.io.print(await logInWithToken(context));
      return undefined;
    }
    const { logIn } = await import('../actions/login.ts');
    await logIn(context, { browser, scopes: scope });
    return undefined;
  },
});
