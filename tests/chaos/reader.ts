import { setTimeout as sleep } from 'node:timers/promises';
import type { Stager } from '@stager/sdk';
import type { EventFacts } from './judge.ts';

/** Follows the events of an account through all that happens, as a customer's program does. */
export interface Reader {
  /** Number of the last event before it began to listen. */
  readonly from: number;
  readonly heard: readonly EventFacts[];
  /** What must not happen to a reader that was never away for long. */
  readonly faults: readonly string[];
  /** Waits for that event, for a bounded time. */
  until(seq: number): Promise<void>;
  close(): Promise<void>;
}

const HEAR_MS = 60_000;

export async function openReader(stager: Stager): Promise<Reader> {
  const heard: EventFacts[] = [];
  const faults: string[] = [];
  const stop = new AbortController();
  const opened = Promise.withResolvers<number>();
  let begun = false;
  const reading = (async () => {
    for await (const event of stager.events({ signal: stop.signal })) {
      if (event.type === 'reset') faults.push('the stream has lost its place');
      else if (event.type === 'snapshot') {
        if (begun) faults.push('the stream began anew');
        begun = true;
        opened.resolve(Number(event.id));
      } else if ('imageId' in event) {
        heard.push({ seq: Number(event.id), type: event.type, imageId: event.imageId });
      }
    }
  })().catch((error: unknown) => {
    faults.push(`the stream ended: ${error instanceof Error ? error.message : error}`);
    opened.reject(error);
  });
  const from = await opened.promise;
  return {
    from,
    heard,
    faults,
    async until(seq) {
      const end = performance.now() + HEAR_MS;
      while ((heard.at(-1)?.seq ?? from) < seq && performance.now() < end) await sleep(20);
    },
    async close() {
      stop.abort();
      await reading;
    },
  };
}
