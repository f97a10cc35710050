import type { Context } from '../context.ts';
import { CliError } from '../errors.ts';
import type { Rendered } from '../io/io.ts';
import { wrap } from '../io/text.ts';

interface ShownOnce {
  readonly secret: string | null;
}

/**
 * A secret alone on stdout, so that it can be piped, and what belongs to it on stderr; under `--json` one document.
 * @param revoke command that makes the secret useless
 * @throws CliError when the answer that held it was lost on the way
 */
export function presentSecret(
  { io }: Context,
  answer: ShownOnce,
  words: readonly string[],
  revoke: string,
): Rendered {
  const { secret } = answer;
  if (secret === null) {
    throw new CliError(
      'It was made, but the answer with its secret was lost on the way, and it is shown once.',
      {
        code: 'secret_lost',
        hint: 'Revoke it, and make another.',
        next: [{ command: revoke, when: 'to revoke it' }],
      },
    );
  }
  if (!io.json) {
    // What is indented is a command, to be copied as it stands.
    for (const line of words) io.say(/^ |^$/.test(line) ? line : wrap(line, io.words.columns, '').join('\n'));
  }
  return { json: () => answer, text: () => secret };
}
