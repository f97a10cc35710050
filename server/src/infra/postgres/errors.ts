import { StoreUnavailable } from '../../ports/index.ts';

export const SERIALIZATION_FAILURE = '40001';
export const DEADLOCK_DETECTED = '40P01';
/** SQLSTATE codes after which the whole transaction may be run again: it has changed nothing. */
const CONFLICTS = new Set([SERIALIZATION_FAILURE, DEADLOCK_DETECTED]);

/** SQLSTATE codes and errors of sockets that say: not now. */
const OUTAGES = new Set([
  ...CONFLICTS,
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '25P03', // idle_in_transaction_session_timeout
  '53300', // too_many_connections
  '53400', // configuration_limit_exceeded
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Errors of pg and knex that have no code. */
const OUTAGE_MESSAGES = /timeout expired|Unable to acquire a connection|aborted/;

const LOST = /Connection terminated|Connection ended|Client has encountered a connection error|not queryable/;

/** The connection was lost, and with it whatever was under way on it. */
export function isLostConnection(error: unknown): boolean {
  const code = codeOf(error) ?? '';
  return (
    ['57P01', 'ECONNRESET', 'EPIPE'].includes(code) || (error instanceof Error && LOST.test(error.message))
  );
}

/** For instance by statement_timeout. */
export const QUERY_CANCELED = '57014';
export const UNIQUE_VIOLATION = '23505';
export const EXCLUSION_VIOLATION = '23P01';
export const LOCK_NOT_AVAILABLE = '55P03';

export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(codeOf(error) ?? '');
}

function isOutage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = codeOf(error);
  // Class 08: connection exceptions.
  if (code !== undefined) return OUTAGES.has(code) || /^08...$/.test(code);
  return error.name === 'KnexTimeoutError' || isLostConnection(error) || OUTAGE_MESSAGES.test(error.message);
}

/** Outages become `StoreUnavailable`; everything else stays what it is. */
export function toStoreError(error: unknown): unknown {
  if (error instanceof StoreUnavailable || !isOutage(error)) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new StoreUnavailable(`The database cannot serve at the moment: ${reason}`, { cause: error });
}
