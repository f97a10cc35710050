import type { Context } from '../context.ts';
import { declined, Interrupted, usageError } from '../errors.ts';

interface Terminal {
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
  let answer: boolean;
  try {
    answer = await ask({ message: question, default: false }, { input, output, signal });
  } catch (error) {
    // Ctrl-C at the question, or a signal: the library has a name for each.
    if (error instanceof Error && /^(ExitPrompt|AbortPrompt)Error$/.test(error.name)) throw new Interrupted();
    throw error;
  }
  if (!answer) throw declined('Declined; nothing was changed.');
}
