import { setTimeout as delay } from 'node:timers/promises';
import { SNAPSHOT_MAX, type StreamEvent } from '../../contract/index.ts';
import type { Clock, EventFilter, Store } from '../../ports/index.ts';
import { presentImage } from '../images/present.ts';
import type { EventHub } from './hub.ts';
import { decideStart } from './position.ts';

const READ_LIMIT = 500;
/** Wait for a notification at most so long: notifications may be lost, events may not. */
const POLL_MS = 5_000;

export interface FollowDeps {
  readonly store: Store;
  readonly hub: EventHub;
  readonly clock: Clock;
  readonly pingMs: number;
}

export interface Sent {
  /** Position to resume behind. A `reset` has none: only the snapshot behind it makes up for what was missed. */
  readonly id: string | undefined;
  readonly event: StreamEvent;
}

/** Endless until the signal fires. Throws what the store throws: the client reconnects with its last id. */
export async function* follow(
  deps: FollowDeps,
  owner: string,
  filter: EventFilter,
  lastEventId: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<Sent> {
  const bell = createBell(signal);
  const unwatch = deps.hub.watch(owner, bell.ring);
  try {
    const range = await deps.store.account(owner).read.events.range(owner);
    const start = decideStart(lastEventId, range);
    let cursor = start.kind === 'resume' ? start.after : range.head;
    if (start.kind === 'reset') yield { id: undefined, event: { type: 'reset', reason: start.reason } };
    if (start.kind !== 'resume') {
      const opening = await takeSnapshot(deps.store, owner, filter);
      cursor = opening.cursor;
      yield { id: String(cursor), event: opening.event };
    }
    let pingAt = performance.now() + deps.pingMs;
    while (!signal.aborted) {
      const batch = await readBehind(deps.store, owner, filter, cursor);
      for (const { seq, data } of batch.events) {
        // Written by us, in the shape of the contract; the tests of the store hold the two together.
        yield { id: String(seq), event: data as StreamEvent };
      }
      cursor = batch.cursor;
      if (batch.more) continue;
      const left = pingAt - performance.now();
      if (left <= 0) {
        pingAt = performance.now() + deps.pingMs;
        yield { id: String(cursor), event: { type: 'ping', at: deps.clock.now().toISOString() } };
      } else {
        await bell.wait(Math.min(POLL_MS, left));
      }
    }
  } finally {
    unwatch();
  }
}

/** What is unfinished and the position that it is true for, out of one database snapshot. */
async function takeSnapshot(store: Store, owner: string, filter: EventFilter) {
  return store.account(owner).transaction(
    async (tx) => {
      const { head } = await tx.events.range(owner);
      const rows = await tx.images.listUnfinished(owner, filter, SNAPSHOT_MAX + 1);
      const event: StreamEvent = {
        type: 'snapshot',
        images: rows.slice(0, SNAPSHOT_MAX).map(presentImage),
        truncated: rows.length > SNAPSHOT_MAX,
      };
      return { cursor: head, event };
    },
    { snapshot: true },
  );
}

/**
 * The head is read first: all up to it is committed, because numbers are given under the account's lock.
 * So a filter that matches nothing still moves the cursor.
 */
async function readBehind(store: Store, owner: string, filter: EventFilter, cursor: number) {
  const { read } = store.account(owner);
  const { head } = await read.events.range(owner);
  if (head <= cursor) return { events: [], cursor, more: false };
  const events = await read.events.read(owner, filter, cursor, head, READ_LIMIT);
  const last = events.length === READ_LIMIT ? events.at(-1) : undefined;
  return { events, cursor: last?.seq ?? head, more: last !== undefined };
}

/** Remembers a ring that comes while nobody waits. */
function createBell(signal: AbortSignal) {
  let rung = false;
  let wakeUp: AbortController | undefined;
  return {
    ring(): void {
      rung = true;
      wakeUp?.abort();
    },
    async wait(ms: number): Promise<void> {
      if (!rung && !signal.aborted) {
        wakeUp = new AbortController();
        const stop = () => wakeUp?.abort();
        signal.addEventListener('abort', stop, { once: true });
        await delay(ms, undefined, { signal: wakeUp.signal }).catch(() => undefined);
        signal.removeEventListener('abort', stop);
        wakeUp = undefined;
      }
      rung = false;
    },
  };
}
