import type { Doorbell, JobStore, Notifier, Objects, OutboxItem } from '../../ports/index.ts';
import { ObjectStoreError } from '../../ports/index.ts';
import { createLoop, type Loop, type LoopLog } from './loop.ts';

export type RelayLog = LoopLog & { error(fields: object, message: string): void };

export interface RelayOptions {
  readonly jobs: Pick<JobStore, 'drainOutbox'>;
  readonly doorbell: Pick<Doorbell, 'ring'>;
  readonly notifier: Pick<Notifier, 'notify'>;
  readonly objects: Pick<Objects, 'remove'>;
  /** What this process relays; others leave the rest to theirs. */
  readonly kinds: readonly OutboxItem['kind'][];
  readonly log: RelayLog;
  /** Milliseconds between two looks when nobody kicks. Default 1,000. */
  readonly pollMs?: number;
  /** Least milliseconds between two looks, however often somebody kicks. Default 0. */
  readonly restMs?: number;
}

export interface Relay {
  start(): void;
  /** To be called right behind a commit that may have filled the outbox. Returns at once. */
  kick(): void;
  /** Hands on what is there, as far as can be, then stops. */
  stop(): Promise<void>;
}

const POLL_MS = 1_000;
/** Rows of one transaction. */
const SIGNALS_BATCH = 500;
const REMOVALS_BATCH = 50;
const REMOVALS_AT_ONCE = 8;

type Item<K extends OutboxItem['kind']> = Extract<OutboxItem, { kind: K }>;
type Handle = (items: OutboxItem[]) => Promise<void>;

/**
 * Hands on what transactions have left in the outbox: rings for workers, news for event streams, objects to
 * remove. Any number of relays may run: each row is taken by one of them, and by another if that one fails. So
 * everything happens at least once.
 */
export function createRelay(options: RelayOptions): Relay {
  const { objects, kinds, log } = options;
  const signals = kinds.filter((kind) => kind !== 'remove_object');
  const removals = kinds.filter((kind) => kind === 'remove_object');
  const loops = [
    ...drainLoop(options, 'relay', signals, SIGNALS_BATCH, createTeller(options)),
    // By itself: a pixel store that is down must not hold back rings and news.
    ...drainLoop(options, 'removal of objects', removals, REMOVALS_BATCH, (items) =>
      removeAll(objects, log, items),
    ),
  ];
  return {
    start() {
      for (const loop of loops) loop.start();
    },
    kick() {
      for (const loop of loops) loop.kick();
    },
    async stop() {
      await Promise.all(loops.map((loop) => loop.stop()));
    },
  };
}

function drainLoop(
  { jobs, log, pollMs = POLL_MS, restMs = 0 }: RelayOptions,
  name: string,
  kinds: readonly OutboxItem['kind'][],
  limit: number,
  handle: Handle,
): Loop[] {
  if (kinds.length === 0) return [];
  const turn = async () => {
    while ((await jobs.drainOutbox(kinds, limit, handle)) === limit);
  };
  return [createLoop({ name, everyMs: pollMs, restMs, turn, lastTurn: true, log })];
}

/**
 * News that could not be told stay in the outbox. A ring does not: workers look by themselves every few seconds,
 * and a doorbell that is down must not hold back the news of the same batch.
 */
function createTeller({ doorbell, notifier, log }: RelayOptions): Handle {
  let silent = false;
  async function ring(items: readonly Item<'job'>[]): Promise<void> {
    if (items.length === 0) return;
    try {
      await doorbell.ring(items.map(({ jobId }) => ({ v: 1, jobId })));
      if (silent) log.info({}, 'doorbell works again');
      silent = false;
    } catch (error) {
      if (!silent) log.warn({ err: error }, 'doorbell fails; workers poll');
      silent = true;
    }
  }
  return async (items) => {
    const accounts = new Set(ofKind(items, 'events').map(({ accountId }) => accountId));
    const ringing = ring(ofKind(items, 'job'));
    if (accounts.size > 0) await notifier.notify([...accounts]);
    await ringing;
  };
}

async function removeAll(
  objects: Pick<Objects, 'remove'>,
  log: RelayLog,
  items: OutboxItem[],
): Promise<void> {
  const left = ofKind(items, 'remove_object');
  const lane = async () => {
    for (let item = left.pop(); item; item = left.pop()) await removeOne(objects, log, item);
  };
  await Promise.all(Array.from({ length: REMOVALS_AT_ONCE }, lane));
}

async function removeOne(
  objects: Pick<Objects, 'remove'>,
  log: RelayLog,
  item: Item<'remove_object'>,
): Promise<void> {
  const { bucket, key } = item;
  try {
    await objects.remove({ bucket, key });
  } catch (error) {
    const permanent = error instanceof ObjectStoreError && error.mayConcernOneObject;
    if (!permanent) throw error;
    // One that can never be removed must not block all behind it; reconciliation finds what is left.
    log.error({ err: error, bucket, key }, 'an object cannot be removed');
  }
}

function ofKind<K extends OutboxItem['kind']>(items: readonly OutboxItem[], kind: K): Item<K>[] {
  return items.filter((item): item is Item<K> => item.kind === kind);
}
