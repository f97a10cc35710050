import { type Statement, sql } from '../sql.ts';

/**
 * Accounts whose data is being removed: first their objects, then their rows, table by table. What of them contradicts is
 * about to be gone, and nothing of it is repaired.
 */
export const ERASING: Statement = sql`
  SELECT account FROM account_deletions
   WHERE canceled_at IS NULL AND finished_at IS NULL AND started_at IS NOT NULL`;
