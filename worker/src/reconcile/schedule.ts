import { Cron } from 'croner';

/** @throws Error which says what is wrong with the expression */
export function checkCron(expression: string): void {
  new Cron(expression, { paused: true, timezone: 'UTC' });
}

/** The last moment, up to now, that an expression names; null when there is none since `since`. In UTC. */
export function lastDue(expression: string, since: Date, now: Date): Date | null {
  const cron = new Cron(expression, { paused: true, timezone: 'UTC' });
  let due: Date | null = null;
  for (let next = cron.nextRun(since); next && next <= now; next = cron.nextRun(next)) due = next;
  return due;
}
