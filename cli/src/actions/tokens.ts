import { TOKEN_SCOPES, type TokenScope, Tokens } from '@stager/sdk';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { clean } from '../io/clean.ts';
import { confirm } from '../io/confirm.ts';
import type { Rendered } from '../io/io.ts';
import { count, formatAge, formatUntil } from '../io/text.ts';
import { requireIds, TOKENS } from '../parse.ts';
import { type Changed, changeEach } from './changeEach.ts';
import { DEFAULT_LIMIT, pageSize, renderList, takeUpTo } from './list.ts';
import { presentSecret } from './secretResult.ts';

export interface CreateOptions {
  readonly name?: string | undefined;
  readonly scopes: readonly string[];
  readonly days?: number | undefined;
}

export async function createToken(context: Context, options: CreateOptions): Promise<Rendered> {
  const { name = `stager ${new Date().toISOString().slice(0, 10)}`, scopes, days } = options;
  const body = {
    name,
    scopes: requireTokenScopes(scopes),
    ...(days === undefined ? {} : { expiresInDays: days }),
  };
  const client = await context.stager();
  const answer = await new Tokens(client).create(body, { signal: context.signal });
  const { token } = answer;
  return presentSecret(
    context,
    answer,
    [
      `Created ${clean(token.name)} (${token.id}): ${token.scopes.join(' ')}; ends ${formatUntil(token.expiresAt, Date.now())}.`,
      'It is shown this once. Keep it as a secret: STAGER_TOKEN in CI, or stager login --with-token.',
    ],
    `stager tokens revoke ${token.id}`,
  );
}

/** @throws CliError that names the scopes a token may have */
function requireTokenScopes(scopes: readonly string[]): TokenScope[] {
  const known = (scope: string) => TOKEN_SCOPES.find((one) => one === scope);
  const possible = `A token can have: ${TOKEN_SCOPES.join(' ')}`;
  const wrong = scopes.filter((scope) => !known(scope));
  if (wrong.length > 0) throw usageError(`A token cannot have the scope ${wrong.join(', ')}.`, possible);
  if (scopes.length === 0) {
    throw usageError('A token needs at least one --scope: what whoever holds it may do.', possible);
  }
  return scopes.flatMap((scope) => known(scope) ?? []);
}

export async function listTokens(context: Context, limit = DEFAULT_LIMIT): Promise<Rendered> {
  const client = await context.stager();
  const listed = await takeUpTo(
    new Tokens(client).list({ limit: pageSize(limit) }, { signal: context.signal }),
    limit,
  );
  return renderList({
    ...listed,
    limit,
    none: 'No tokens. stager tokens create makes one.',
    columns: ({ style }) => [
      { title: 'ID' },
      { title: 'NAME', flexible: true },
      { title: 'SCOPES', flexible: true },
      { title: 'ENDS', paint: (text, row) => (listed.found[row]?.state === 'live' ? text : style.red(text)) },
      { title: 'USED', paint: style.dim },
    ],
    row: (token, now) => [
      token.id,
      clean(token.name),
      clean(token.scopes.join(' ')),
      token.state === 'live' ? token.expiresAt.slice(0, 10) : token.state,
      token.lastUsedAt === null ? 'never' : formatAge(token.lastUsedAt, now),
    ],
  });
}

export async function revokeTokens(
  context: Context,
  words: readonly string[],
  yes: boolean,
): Promise<Changed> {
  const ids = requireIds(TOKENS, words);
  const which = ids.length === 1 ? `the token ${ids[0]}` : count(ids.length, 'token');
  await confirm(context, `Revoke ${which}? Whatever uses it stops working.`, yes);
  return changeEach(context, ids, 'revoked', async (client, id, signal) => {
    await new Tokens(client).revoke(id, { signal });
    return undefined;
  });
}
