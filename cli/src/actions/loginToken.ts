import { AuthenticationError, type Me, PermissionError } from '@stager/sdk';
import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Terminal } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { readSecret, terminal } from '../io/readSecret.ts';
import { keepLogin, prepareToKeep, sayWhatWins, whose } from './loginResult.ts';

/** Reads a token from stdin, asks the API whether it is good, and only then keeps it. */
export async function logInWithToken(context: Context, from: Terminal = terminal()): Promise<Rendered> {
  await prepareToKeep(context);
  const token = await readSecret(context, { what: 'token', command: 'stager login --with-token' }, from);
  const { me, lacks } = await check(context, token);
  await keepLogin(context, {
    token,
    principal: me?.principal ?? '',
    scope: me?.scopes.join(' ') ?? '',
    expiresAt: me?.expiresAt ? Date.parse(me.expiresAt) : null,
  });
  await sayWhatWins(context);
  const { profile, apiUrl } = await context.settings();
  return {
    json: () => ({
      type: 'done',
      principal: me?.principal ?? null,
      account: me?.account ?? null,
      scopes: me?.scopes ?? null,
      expiresAt: me?.expiresAt ?? null,
      profile: profile.value,
      apiUrl: apiUrl.value,
    }),
    text: ({ style }) =>
      [
        me
          ? `Logged in as ${whose(me, style.bold)}, by token.`
          : `Logged in by token. Whose it is cannot be shown: it lacks the scope ${lacks}.`,
        style.dim(`${clean(apiUrl.value)}, profile ${clean(profile.value)}`),
      ].join('\n'),
  };
}

/** A token that may not ask who it is, is a good one all the same. */
async function check(
  context: Context,
  token: string,
): Promise<{ readonly me: Me | undefined; readonly lacks?: string | undefined }> {
  try {
    return { me: await (await context.withToken(token)).me({ signal: context.signal }) };
  } catch (error) {
    if (PermissionError.isInstance(error) && error.code === 'insufficient_scope') {
      return { me: undefined, lacks: error.scope };
    }
    if (AuthenticationError.isInstance(error)) {
      throw new CliError('The API does not take this token; it was not kept.', {
        code: 'unauthenticated',
        exit: EXIT.auth,
        hint: 'It expired, was revoked, is for another API (see `stager config list`), or was not copied whole.',
        cause: error,
      });
    }
    throw error;
  }
}
