import { AuthenticationError, type Me, PermissionError } from '@stager/sdk';
import type { Context } from '../context.ts';
import { CliError, Interrupted, usageError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { clean } from '../io/clean.ts';
import type { Rendered } from '../io/io.ts';
import { keepLogin, prepareToKeep, sayWhatWins, whose } from './loginResult.ts';

/** Longest token that is read, in characters: what is longer is some other file. */
const MOST = 8192;

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Reads a token from stdin, asks the API whether it is good, and only then keeps it. */
export async function logInWithToken(
  context: Context,
  terminal: Terminal = { input: process.stdin, output: process.stderr },
): Promise<Rendered> {
  await prepareToKeep(context);
  const token = parseToken(await readToken(context, terminal));
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

/** Never an argument: command lines are seen by every user of the machine and kept in the history of the shell. */
async function readToken({ io, signal }: Context, { input, output }: Terminal): Promise<string> {
  if (!io.canPrompt) {
    let text = '';
    for await (const chunk of input) {
      text += String(chunk);
      if (text.length > MOST) break;
    }
    return text;
  }
  const { password } = await import('@inquirer/prompts');
  try {
    return await password({ message: 'Token', mask: true }, { input, output, signal });
  } catch (error) {
    // Ctrl-C at the question, or a signal: the library has a name for each.
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) throw new Interrupted();
    throw error;
  }
}

/** @throws CliError that does not quote what was read */
function parseToken(text: string): string {
  const token = text.trim();
  if (token === '') {
    throw usageError('No token was read from stdin.', 'stager login --with-token < token.txt');
  }
  // RFC 6750 section 2.1: what a bearer token is made of.
  if (token.length <= MOST && /^[\w.~+/-]+=*$/.test(token)) return token;
  throw usageError(
    'What was read from stdin is not one token.',
    'It must hold the token and nothing else, on one line.',
  );
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
