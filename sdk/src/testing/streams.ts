import type { ServerResponse } from 'node:http';
import type { ByeEvent, StreamEvent } from '../generated/types.ts';
import { type EventFilter, type FakeState, matches, type StoredEvent, snapshot } from './state.ts';

const SNAPSHOT_MAX = 1000;

function frame(event: StreamEvent, id?: number): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The event streams that are open. */
export class FakeStreams {
  readonly #state: FakeState;
  readonly #open = new Set<ServerResponse>();

  constructor(state: FakeState) {
    this.#state = state;
  }

  get size(): number {
    return this.#open.size;
  }

  open(res: ServerResponse, filter: EventFilter, lastEventId: string | undefined, pingMs: number): void {
    res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
    res.write('retry: 1000\n\n');
    const send = ({ id, event }: StoredEvent) => {
      if (matches(filter, 'imageId' in event ? event : { projectId: null, imageId: null }))
        res.write(frame(event, id));
    };
    this.#begin(res, filter, lastEventId, send);
    const stop = this.#state.onEvent(send);
    const ping = setInterval(() => {
      res.write(frame({ type: 'ping', at: new Date().toISOString() }, this.#state.range.head));
    }, pingMs);
    this.#open.add(res);
    res.once('close', () => {
      clearInterval(ping);
      stop();
      this.#open.delete(res);
    });
  }

  #begin(
    res: ServerResponse,
    filter: EventFilter,
    lastEventId: string | undefined,
    send: (stored: StoredEvent) => void,
  ): void {
    const { oldest, head } = this.#state.range;
    const after = lastEventId && /^\d{1,15}$/.test(lastEventId) ? Number(lastEventId) : undefined;
    if (after !== undefined && after >= oldest - 1 && after <= head) {
      for (const stored of this.#state.events) if (stored.id > after) send(stored);
      return;
    }
    if (lastEventId) {
      const reason = after !== undefined && after <= head ? 'id_too_old' : 'id_unknown';
      res.write(frame({ type: 'reset', reason }));
    }
    res.write(frame(snapshot(this.#state, filter, SNAPSHOT_MAX), head));
  }

  /** Ends all, with a reason. */
  end(reason: ByeEvent['reason']): void {
    for (const res of this.#open) res.end(frame({ type: 'bye', reason }));
  }
}
