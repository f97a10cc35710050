import { findBrowserOpener, isOnPath, openBrowser } from '../auth/browser.ts';
import { loginKey, readLogins, setDamagedAside, writeLogins } from '../auth/credentials.ts';
import { type DeviceCode, deviceLogin } from '../auth/deviceLogin.ts';
import { prepareFolderOf, withFileLock } from '../auth/lock.ts';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { credentialsFile } from '../settings/paths.ts';

/** Runs the device flow and stores the login. Under `--json` each step is one line. */
export async function logIn(context: Context, { browser }: { readonly browser: boolean }): Promise<void> {
  const { io, env, signal } = context;
  const { profile, apiUrl } = await context.settings();
  const file = credentialsFile(context.configDir);
  // Before a person is asked to approve what could not be kept.
  await prepareFolderOf(file);
  const aside = await setDamagedAside(file);
  if (aside) io.say(`The file with the logins was damaged; it is kept as ${clean(aside)}.`);
  const client = await context.anonymous();
  const config = await client.authConfig();
  let spinner: { stop(): unknown } | undefined;
  const onCode = (code: DeviceCode) => {
    const page = code.verificationUriComplete ?? code.verificationUri;
    const opener = browser
      ? findBrowserOpener({
          env,
          platform: process.platform,
          isTTY: io.canPrompt,
          has: (program) => isOnPath(program, env),
        })
      : undefined;
    if (io.json) io.emit(codeLine(code));
    else showCode(context, code, opener !== undefined);
    if (opener) openBrowser(opener, page);
    if (io.canAnimate) void startSpinner().then((started) => (spinner = started));
  };
  const stopped = { done: false };
  const startSpinner = async () => {
    const { default: ora } = await import('ora');
    if (stopped.done) return undefined;
    // Without discardStdin the terminal is left alone, and Ctrl-C stays a signal.
    return ora({ text: 'Waiting for you to approve', stream: process.stderr, discardStdin: false }).start();
  };
  try {
    const login = await deviceLogin({ config, fetch: await context.fetch(), signal, onCode });
    await withFileLock(file, async () => {
      const key = loginKey(profile.value, apiUrl.value);
      await writeLogins(file, { ...(await readLogins(file)), [key]: login });
    });
  } finally {
    stopped.done = true;
    spinner?.stop();
  }
  await announce(context);
}

function showCode({ io }: Context, code: DeviceCode, opens: boolean): void {
  const { bold, cyan } = io.words.style;
  io.say(
    opens
      ? 'Opening the login page in your browser. If it does not come up, open'
      : 'Open this address in a browser, here or on another device:',
  );
  io.say();
  io.say(`  ${cyan(clean(code.verificationUriComplete ?? code.verificationUri))}`);
  io.say();
  io.say(`and compare or enter the code  ${bold(clean(code.userCode))}`);
  io.say();
}

function codeLine(code: DeviceCode): Rendered {
  return { json: () => ({ type: 'code', ...code }), text: () => '' };
}

/** Asks the API who that was, which also shows that it takes the new token. */
async function announce(context: Context): Promise<void> {
  const { profile, apiUrl } = await context.settings();
  const me = await (await context.loggedIn()).me();
  const result: Rendered = {
    json: () => ({
      type: 'done',
      principal: me.principal,
      account: me.account,
      scopes: me.scopes,
      profile: profile.value,
      apiUrl: apiUrl.value,
    }),
    text: ({ style }) =>
      `Logged in as ${style.bold(clean(me.principal))}, account ${clean(me.account.name)}.\n` +
      style.dim(`${clean(apiUrl.value)}, profile ${clean(profile.value)}`),
  };
  if (context.io.json) context.io.emit(result);
  else context.io.say(result.text(context.io.words));
  const { source } = await context.identity();
  if (source !== 'login') {
    context.io.say(
      `Note: ${source} is set in the environment and wins over this login. Unset it to use the login.`,
    );
  }
}
