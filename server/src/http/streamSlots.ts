import { DomainError } from '../core/errors.ts';

/** Seconds after which a client that found no room may look again. */
const RETRY_SECONDS = 5;

/** Gives back a place; more than once does no harm. */
export type Leave = () => void;

/** Bounds the streams that an account holds open at this process: each costs memory and reads for every event. */
export interface StreamSlots {
  /** @throws DomainError `rate_limited` when the account has as many as it may */
  take(accountId: string): Leave;
}

export function createStreamSlots(perAccount: number): StreamSlots {
  const open = new Map<string, number>();
  return {
    take(accountId) {
      const before = open.get(accountId) ?? 0;
      if (before >= perAccount) {
        throw new DomainError(
          'rate_limited',
          `The account has ${before} event streams open here, and may have no more. Close one; one stream can carry the whole account.`,
          { retryAfter: RETRY_SECONDS },
        );
      }
      open.set(accountId, before + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        const now = (open.get(accountId) ?? 1) - 1;
        if (now === 0) open.delete(accountId);
        else open.set(accountId, now);
      };
    },
  };
}
