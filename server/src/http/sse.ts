import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { ReconcileEvent, StreamEvent } from '../contract/index.ts';
import type { Sent } from '../core/events/follow.ts';
import type { SentRun } from '../core/reconcile/follow.ts';

/** Milliseconds that clients should wait before they reconnect. */
const RETRY_MS = 1_000;

export type EndReason = Extract<StreamEvent, { type: 'bye' }>['reason'];

export function writeStreamHead(res: ServerResponse): void {
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    // Proxies of the nginx family buffer a response unless told.
    'x-accel-buffering': 'no',
  });
  res.write(`retry: ${RETRY_MS}\n\n`);
}

export function frame(event: StreamEvent | ReconcileEvent, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}

/**
 * Sends events until the source ends, the reader is gone or too slow, or `end` fires with its reason.
 * @param drainMs a reader that takes nothing for so long is cut off; it can resume behind its last id
 * @returns why it ended
 */
export async function pipeEvents(
  res: ServerResponse,
  source: AsyncGenerator<Sent | SentRun>,
  end: AbortSignal,
  drainMs: number,
): Promise<EndReason | 'gone'> {
  try {
    for await (const { id, event } of source) {
      if (res.destroyed) return 'gone';
      if (!res.write(frame(event, id)) && !(await drained(res, drainMs))) {
        if (res.destroyed) return 'gone';
        res.destroy();
        return 'too_slow';
      }
    }
  } catch (error) {
    // The head is sent: cutting the line makes the client resume, an end without a word would not.
    res.destroy();
    throw error;
  }
  if (res.destroyed) return 'gone';
  // Only our own reasons are ever given to `abort`.
  const reason = (end.aborted ? end.reason : 'shutdown') as EndReason;
  res.end(frame({ type: 'bye', reason }));
  return reason;
}

/** False when the reader has gone or took nothing in time. */
async function drained(res: ServerResponse, ms: number): Promise<boolean> {
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), ms);
  const { signal } = over;
  try {
    return await Promise.race([
      once(res, 'drain', { signal }).then(() => true),
      once(res, 'close', { signal }).then(() => false),
    ]);
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
    over.abort();
  }
}
