import type { ImageEvent } from '../../contract/index.ts';
import type { NewEvent, OutboxItem } from '../../ports/index.ts';
import { appendEvents } from './events.ts';
import { namingTheBusy, type Patience } from './patience.ts';
import { type Sql, together } from './sql.ts';

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
  patience: Pick<Patience, 'oneByOne'>,
  rings: readonly string[] = [],
): Promise<void> {
  if (events.length === 0) return;
  const at = new Date().toISOString();
  const perAccount = Map.groupBy(events, ({ accountId }) => accountId);
  const items = [
    ...rings.map((jobId): OutboxItem => ({ kind: 'job', jobId })),
    ...[...perAccount.keys()].map((accountId): OutboxItem => ({ kind: 'events', accountId })),
  ];
  const eventsOf = (accountId: string) =>
    (perAccount.get(accountId) ?? []).map(({ event }) => toNewEvent({ ...event, at }));
  const sorted = [...perAccount.keys()].sort();
  const groups = patience.oneByOne ? sorted.map((accountId) => [accountId]) : [sorted];
  await together(
    groups.map((group, index) => {
      const news = group.map((accountId) => ({ accountId, events: eventsOf(accountId) }));
      // That there are some is told with the first.
      return namingTheBusy(group, () => appendEvents(tx, news, index === 0 ? items : []));
    }),
  );
}

function toNewEvent(data: ImageEvent): NewEvent {
  return { type: data.type, imageId: data.imageId, projectId: data.projectId, data };
}
