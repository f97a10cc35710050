import { hash } from 'node:crypto';
import type { RouteSpec } from '../contract/index.ts';
import type { Act } from '../core/context.ts';
import { DomainError } from '../core/errors.ts';
import type { Exchange } from './endpoint.ts';

/**
 * Runs an act at most once per account, operation and key. Key and answer are written in the act's own transaction,
 * so that both are committed or neither. `renew` may bring a kept answer up to date for its repeat.
 * @throws DomainError `idempotency_in_flight` while a twin runs, `idempotency_key_reused` for another body
 */
export async function withIdempotency<T>(
  route: RouteSpec,
  act: { readonly tx: Pick<Act['tx'], 'idempotency'>; readonly caller: Act['caller'] },
  request: Exchange,
  run: () => Promise<T>,
  renew?: (kept: unknown) => Promise<T>,
): Promise<{ result: T | unknown; replayed: boolean }> {
  const key = request.idempotencyKey;
  if (!route.idempotent || key === null) return { result: await run(), replayed: false };
  const owner = act.caller.accountId;
  const bodyHash = hash('sha256', JSON.stringify(sameRequest(route, request)), 'hex');
  if (!(await act.tx.idempotency.tryLock(owner, route.name, key))) {
    throw new DomainError(
      'idempotency_in_flight',
      'A request with this Idempotency-Key is running. Try again.',
      {
        retryAfter: 1,
      },
    );
  }
  const kept = await act.tx.idempotency.get(owner, route.name, key);
  if (kept && kept.bodyHash !== bodyHash) {
    throw new DomainError(
      'idempotency_key_reused',
      'This Idempotency-Key was used with another request. Use a new key for a new request.',
    );
  }
  if (kept && renew) {
    const result = await renew(kept.response);
    await act.tx.idempotency.revise(owner, route.name, key, result);
    return { result, replayed: true };
  }
  if (kept) return { result: kept.response, replayed: true };
  const result = await run();
  await act.tx.idempotency.put(owner, route.name, key, {
    bodyHash,
    status: route.success.status,
    response: result,
  });
  return { result, replayed: false };
}

/**
 * What makes a repeat the same request. An answer without membership, or with a secret beside it, is the principal's
 * alone: another member would take what it tells of for their own.
 */
function sameRequest({ role, idempotent }: RouteSpec, { params, body, token }: Exchange): unknown[] {
  const about = [params ?? null, body ?? null];
  return role === null || idempotent === 'once' ? [...about, token?.subject ?? null] : about;
}
