/** Milliseconds. */
export interface SessionTimes {
  /** A session that is not used for so long has ended: its person has left the screen. */
  readonly idle: number;
  /** And however much it is used, it ends then. */
  readonly absolute: number;
  /** The issuer's word is taken for so long at most, whatever the life of its tokens. */
  readonly confirmed: number;
  /** The issuer is asked again so long before its word ends, so that nobody waits for it. */
  readonly ahead: number;
}

const MINUTE_MS = 60_000;

export const SESSION_TIMES: SessionTimes = {
  idle: 30 * MINUTE_MS,
  absolute: 12 * 60 * MINUTE_MS,
  confirmed: 60 * MINUTE_MS,
  ahead: 2 * MINUTE_MS,
};

interface Moments {
  readonly usedAt: Date;
  readonly confirmedUntil: Date;
  readonly endsAt: Date;
}

/**
 * - `live`: good as it is
 * - `renew`: good, and it is time to ask the issuer
 * - `unconfirmed`: good for nothing before the issuer was asked
 * - `ended`
 */
export type SessionState = 'live' | 'renew' | 'unconfirmed' | 'ended';

export function sessionState(session: Moments, times: SessionTimes, now: number): SessionState {
  const idleAt = session.usedAt.getTime() + times.idle;
  if (now >= session.endsAt.getTime() || now >= idleAt) return 'ended';
  const confirmedUntil = session.confirmedUntil.getTime();
  if (now >= confirmedUntil) return 'unconfirmed';
  return now >= confirmedUntil - times.ahead ? 'renew' : 'live';
}
