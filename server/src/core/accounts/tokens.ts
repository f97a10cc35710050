import { hasRole, TOKEN_PREFIX, TOKENS_MAX, type TokenInput } from '../../contract/index.ts';
import type { Page, PageRequest, TokenRow } from '../../ports/index.ts';
import { type Act, audit } from '../context.ts';
import { DomainError, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import { requireStill } from './members.ts';
import { newSecret, secretHash } from './secrets.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** `held` is what the token that asks holds: nobody hands on more than they have. */
export async function createToken(
  act: Act,
  { name, scopes, expiresInDays }: TokenInput,
  held: readonly string[],
): Promise<{ token: TokenRow; secret: string }> {
  const { tx, caller, now } = act;
  const owner = caller.accountId;
  const missing = scopes.find((scope) => !held.includes(scope));
  if (missing !== undefined) {
    throw new DomainError(
      'insufficient_scope',
      `The new token cannot hold ${missing}, which the one that asks lacks. Log in with it, or leave it out.`,
      { scope: missing },
    );
  }
  await tx.accounts.lock(owner);
  await requireStill(act, 'member');
  if ((await tx.tokens.countLive(owner, caller.principal, TOKENS_MAX)) >= TOKENS_MAX) {
    throw new DomainError('limit_reached', `You have ${TOKENS_MAX} live tokens. Revoke some first.`);
  }
  const id = newId('tok');
  const secret = newSecret(TOKEN_PREFIX);
  await tx.tokens.create(owner, {
    id,
    name,
    principal: caller.principal,
    scopes: [...new Set(scopes)],
    secretHash: secretHash(secret),
    expiresAt: new Date(now.getTime() + expiresInDays * DAY_MS),
  });
  await audit(act, 'token.create', [id], scopes.join(' '));
  const token = await tx.tokens.get(owner, id);
  if (!token) throw new Error(`token ${id} is gone`);
  return { token, secret };
}

export function listTokens({ tx, caller }: Act, page: PageRequest): Promise<Page<TokenRow>> {
  return tx.tokens.list(caller.accountId, hasRole(caller.role, 'owner') ? null : caller.principal, page);
}

/** To a member who does not own the account, the tokens of others are not there. */
export async function revokeToken(act: Act, id: string): Promise<void> {
  const { tx, caller } = act;
  const token = await tx.tokens.get(caller.accountId, id);
  const mine = token && (token.principal === caller.principal || hasRole(caller.role, 'owner'));
  if (!mine) throw notFound('token', id);
  const revoked = await tx.tokens.revoke(caller.accountId, [id]);
  await audit(act, 'token.revoke', revoked);
}
