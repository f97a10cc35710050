import type { ImageEvent } from '../../contract/index.ts';
import type { NewEvent, OutboxItem } from '../../ports/index.ts';
import { appendEvents } from './events.ts';
import { namingTheBusy } from './patience.ts';
import type { Sql } from './sql.ts';

/** An event about an image, of whatever account. */
export interface AccountEvent {
  readonly accountId: string;
  readonly event: Omit<ImageEvent, 'at'>;
}

/**
 * Writes events of any number of accounts, and that there are some. Heads are taken in the order of their
 * accounts, so that two who write for the same accounts cannot wait for each other.
 */
export async function publish(
  tx: Sql,
  events: readonly AccountEvent[],
  rings: readonly string[] = [],
): Promise<void> {
  const at = new Date().toISOString();
  const perAccount = Map.groupBy(events, ({ accountId }) => accountId);
  const accounts = [...perAccount.keys()].sort();
  const items = [
    ...rings.map((jobId): OutboxItem => ({ kind: 'job', jobId })),
    ...accounts.map((accountId): OutboxItem => ({ kind: 'events', accountId })),
  ];
  for (const [index, accountId] of accounts.entries()) {
    const own = perAccount.get(accountId) ?? [];
    const rows = own.map(({ event }) => toNewEvent({ ...event, at }));
    // That there are some is told with the first.
    await namingTheBusy(accountId, () => appendEvents(tx, accountId, rows, index === 0 ? items : []));
  }
}

function toNewEvent(data: ImageEvent): NewEvent {
  return { type: data.type, imageId: data.imageId, projectId: data.projectId, data };
}
