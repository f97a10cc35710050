import type { Me } from '@stager/sdk';
import { type Login, loginKey, readLogins, setDamagedAside, writeLogins } from '../auth/credentials.ts';
import { prepareFolderOf, withFileLock } from '../auth/lock.ts';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { wrap } from '../io/text.ts';
import { credentialsFile } from '../settings/paths.ts';

/** Before a person is asked to approve what could not be kept. */
export async function prepareToKeep({ io, configDir }: Context): Promise<void> {
  const file = credentialsFile(configDir);
  await prepareFolderOf(file);
  const aside = await setDamagedAside(file);
  if (aside) io.say(`The file with the logins was damaged; it is kept as ${clean(aside)}.`);
}

export async function keyOf(context: Context): Promise<string> {
  const { profile, apiUrl } = await context.settings();
  return loginKey(profile.value, apiUrl.value);
}

export async function keepLogin(context: Context, login: Login): Promise<void> {
  const file = credentialsFile(context.configDir);
  const key = await keyOf(context);
  await withFileLock(file, async () => writeLogins(file, { ...(await readLogins(file)), [key]: login }));
}

/** Asks the API who that was, which also shows that it takes the new token. */
export async function describeLogin(context: Context, asked: readonly string[]): Promise<Rendered> {
  const { profile, apiUrl } = await context.settings();
  const me = await (await context.loggedIn()).me();
  const notGranted = asked.filter((scope) => !me.scopes.includes(scope));
  return {
    json: () => ({
      type: 'done',
      principal: me.principal,
      account: me.account,
      scopes: me.scopes,
      notGranted,
      profile: profile.value,
      apiUrl: apiUrl.value,
    }),
    text: ({ style, columns }) =>
      [
        `Logged in as ${whose(me, style.bold)}.`,
        style.dim(`${clean(apiUrl.value)}, profile ${clean(profile.value)}`),
        ...(notGranted.length === 0
          ? []
          : wrap(`Not granted: ${clean(notGranted.join(' '))}`, columns, '').map(style.dim)),
      ].join('\n'),
  };
}

export const whose = (me: Me, bold: (text: string) => string) =>
  `${bold(clean(me.principal))}, account ${clean(me.account.name)}`;

/** A login that is not used would puzzle whoever has just made it. */
export async function sayWhatWins(context: Context): Promise<void> {
  const { source } = await context.identity();
  if (source === 'login') return;
  context.io.say(
    `Note: ${source} is set in the environment and wins over this login. Unset it to use the login.`,
  );
}
