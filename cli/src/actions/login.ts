import type { AuthConfig } from '@stager/sdk';
import { openBrowser } from '../auth/browser.ts';
import { type DeviceCode, startDeviceLogin, waitForApproval } from '../auth/deviceLogin.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { openerFor } from '../io/openPage.ts';
import { startSpinner } from '../io/spinner.ts';
import { suggest } from '../suggest.ts';
import { describeLogin, keepLogin, prepareToKeep, sayWhatWins } from './loginResult.ts';

export interface LoginOptions {
  readonly browser: boolean;
  /** Scopes to ask for instead of all. */
  readonly scopes: readonly string[];
}

/** Runs the device flow and stores the login. Under `--json` each step is one line. */
export async function logIn(context: Context, { browser, scopes: wanted }: LoginOptions): Promise<void> {
  const { io, signal } = context;
  await prepareToKeep(context);
  const config = await (await context.anonymous()).authConfig();
  const scopes = scopesToAskFor(config, wanted);
  const fetch = await context.fetch();
  const started = await startDeviceLogin({ config, scopes, fetch, signal });
  const { code } = started;
  const opener = browser ? openerFor(context) : undefined;
  if (io.json) io.emit({ json: () => ({ type: 'code', ...code }), text: () => '' });
  else showCode(context, code, opener !== undefined);
  if (opener) openBrowser(opener, pageOf(code));
  const stopWaiting = startSpinner(io, 'Waiting for you to approve');
  try {
    await keepLogin(context, await waitForApproval(started, { fetch, signal, patience: code.expiresIn }));
  } finally {
    stopWaiting();
  }
  const result = await describeLogin(context, scopes);
  if (io.json) io.emit(result);
  else io.say(result.text(io.words));
  await sayWhatWins(context);
}

/** Whoever a login belongs to can be shown only with this one. */
const ALWAYS = 'account:read';

/** All that the API knows, or those that were named. @throws CliError that names what the API does not know */
export function scopesToAskFor({ scopes: known }: AuthConfig, wanted: readonly string[]): string[] {
  if (wanted.length === 0) return [...known];
  const unknown = wanted.filter((scope) => !known.includes(scope));
  if (unknown.length === 0) return [...new Set([...known.filter((scope) => scope === ALWAYS), ...wanted])];
  const close = suggest(unknown[0] ?? '', known);
  throw usageError(
    `The API has no scope ${unknown.map(clean).join(', ')}.`,
    close ? `Did you mean ${clean(close)}?` : `It has: ${known.map(clean).join(' ')}`,
  );
}

const pageOf = (code: DeviceCode) => code.verificationUriComplete ?? code.verificationUri;

function showCode({ io }: Context, code: DeviceCode, opens: boolean): void {
  io.say(
    opens
      ? 'Opening the login page in your browser. If it does not come up, open'
      : 'Open this address in a browser, here or on another device:',
  );
  io.say(describeCode(code).text(io.words));
  io.say();
}

/** Address and code, for a person. */
export function describeCode(code: DeviceCode): Rendered {
  return {
    json: () => code,
    text: ({ style }) =>
      `\n  ${style.cyan(clean(pageOf(code)))}\n\nand compare or enter the code  ${style.bold(clean(code.userCode))}`,
  };
}
