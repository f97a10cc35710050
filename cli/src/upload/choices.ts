import { type Catalog, OptionsError, type Stager } from '@stager/sdk';
import { usageError } from '../errors.ts';
import { suggest } from '../suggest.ts';

export interface Choices {
  readonly engine?: string;
  readonly room?: string;
  readonly style?: string;
}

/** The word that was probably meant, when a choice is not in the catalog. */
export function meant(choices: Choices, catalog: Catalog): string | undefined {
  const name = choices.engine ?? catalog.defaultEngine;
  const engine = catalog.engines.find((known) => known.name === name);
  const close = (flag: string, word: string | undefined, offered: readonly string[]) => {
    if (word === undefined || offered.includes(word)) return undefined;
    const found = suggest(word, offered);
    return found === undefined ? undefined : `${flag} ${found}`;
  };
  if (!engine)
    return close(
      '--engine',
      name,
      catalog.engines.map((known) => known.name),
    );
  return close('--room', choices.room, engine.rooms) ?? close('--style', choices.style, engine.styles);
}

/** The SDK says what is wrong with a choice; a person is also told which word is near. */
export async function explainChoice(error: unknown, client: Stager, choices: Choices): Promise<unknown> {
  if (!OptionsError.isInstance(error) || error.code !== 'invalid_options') return error;
  const catalog = await client.catalog().catch(() => undefined);
  const word = catalog ? meant(choices, catalog) : undefined;
  return usageError(
    error.message,
    word === undefined ? 'See: stager catalog. Nothing was sent.' : `Did you mean ${word}? Nothing was sent.`,
  );
}
