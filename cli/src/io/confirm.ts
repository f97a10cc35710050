import type { Context } from '../context.ts';
import { declined, Interrupted, usageError } from '../errors.ts';

export interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/**
 * Asks before something is lost. Where nobody can answer, `--yes` has to have been given.
 * @throws CliError: exit 2 without a terminal, 3 when the answer is no; Interrupted
 */
export async function confirm(
  { io, signal }: Context,
  question: string,
  yes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) return;
  if (!io.canPrompt)
    throw usageError(`${question} Nobody is here to answer.`, 'Add --yes to do it without asking.');
  const { confirm: ask } = await import('@inquirer/prompts');
  const answer = await answerOf(() => ask({ message: question, default: false }, { input, output, signal }));
  if (!answer) throw declined('Declined; nothing was changed.');
}

/**
 * Asks to type a name before others lose something. Where nobody can answer, `--yes` has to have been given.
 * @throws CliError: exit 2 without a terminal, 3 when another name is typed; Interrupted
 */
export async function confirmByName(
  { io, signal }: Context,
  warning: string,
  name: string,
  yes: boolean,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<void> {
  if (yes) return;
  if (!io.canPrompt)
    throw usageError(`${warning} Nobody is here to answer.`, 'Add --yes to do it without asking.');
  io.say(warning);
  const { input: ask } = await import('@inquirer/prompts');
  const answer = await answerOf(() => ask({ message: `Type ${name} to go on:` }, { input, output, signal }));
  if (answer.trim() !== name) throw declined('That is another name; nothing was changed.');
}

/** @throws Interrupted for Ctrl-C at a question */
export async function answerOf<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    // Ctrl-C at the question, or a signal: the library has a name for each.
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) throw new Interrupted();
    throw error;
  }
}
