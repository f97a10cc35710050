import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { answerOf, type Terminal } from './confirm.ts';

/** Longest secret that is read, in characters: what is longer is some other file. */
const MOST = 8192;

export const terminal = (): Terminal => ({ input: process.stdin, output: process.stderr });

/**
 * Reads a secret from stdin; at a terminal it is asked for and not shown. Never an argument: command lines are seen by
 * every user of the machine and kept in the history of the shell.
 * @param what as in `No token was read`
 * @throws CliError that does not quote what was read; Interrupted
 */
export async function readSecret(
  { io, signal }: Context,
  { what, command }: { readonly what: string; readonly command: string },
  { input, output }: Terminal,
): Promise<string> {
  const text = io.canPrompt ? await ask(what, { input, output }, signal) : await readAll(input);
  const secret = text.trim();
  if (secret === '') throw usageError(`No ${what} was read from stdin.`, `${command} < ${what}.txt`);
  // RFC 6750 section 2.1: what a bearer token is made of; so are our other secrets.
  if (secret.length <= MOST && /^[\w.~+/-]+=*$/.test(secret)) return secret;
  throw usageError(
    `What was read from stdin is not one ${what}.`,
    `It must hold the ${what} and nothing else, on one line.`,
  );
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of input) {
    text += String(chunk);
    if (text.length > MOST) break;
  }
  return text;
}

async function ask(what: string, { input, output }: Terminal, signal: AbortSignal): Promise<string> {
  const { password } = await import('@inquirer/prompts');
  const message = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  return answerOf(() => password({ message, mask: true }, { input, output, signal }));
}
