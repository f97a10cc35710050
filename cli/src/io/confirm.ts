import type { Context } from '../context.ts';
import { declined, Interrupted, usageError } from '../errors.ts';

/**
 * Asks before something is lost. Where nobody can answer, `--yes` has to have been given.
 * @throws CliError: exit 2 without a terminal, 3 when the answer is no; Interrupted
 */
export async function confirm({ io, signal }: Context, question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!io.canPrompt)
    throw usageError(`${question} Nobody is here to answer.`, 'Add --yes to do it without asking.');
  const { confirm: ask } = await import('@inquirer/prompts');
  let answer: boolean;
  try {
    answer = await ask({ message: question, default: false }, { output: process.stderr, signal });
  } catch (error) {
    if (signal.aborted || (error instanceof Error && error.name === 'ExitPromptError'))
      throw new Interrupted();
    throw error;
  }
  if (!answer) throw declined('Declined; nothing was changed.');
}
