import { EventSource } from 'eventsource';
import { follow } from '../core/abort.ts';
import { type ApiError, StagerError } from '../core/errors.ts';
import { connectionError } from '../core/networkHints.ts';
import { errorOf } from '../core/problem.ts';
import type { ByeEvent } from '../generated/types.ts';
import type { Ending } from './reconnect.ts';

/** What any stream sends, beside what it is for. */
interface AnyEvent {
  readonly type: string;
}

export interface ConnectionOptions<E extends AnyEvent> {
  readonly url: string;
  readonly fetch: (url: string | URL, init: RequestInit) => Promise<Response>;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Without a byte for so long, the line is taken for dead; milliseconds. */
  readonly stallMs: number;
  readonly onOpen: () => void;
  /** Types of events to listen for; `bye` among them. */
  readonly types: readonly E['type'][];
  readonly onEvent: (event: Exclude<E, { type: 'bye' }>, id: string | undefined) => void;
  /** Reading goes on when it resolves: a slow consumer slows the server down, not our memory up. */
  readonly room: () => Promise<void>;
}

/** How it ended, and the error that says so when it is not to be opened again. */
export interface Ended {
  readonly ending: Ending;
  readonly error?: StagerError;
}

/**
 * Follows one connection to its end. `eventsource` would reconnect by itself, but it gives up for good on any answer
 * but 200 and does not notice a dead line: so each of its objects lives for one connection, and we open the next.
 */
export function followConnection<E extends AnyEvent>(options: ConnectionOptions<E>): Promise<Ended> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const release = follow(options.signal, controller);
    let productive = false;
    let opened = false;
    let failed: Ended | undefined;
    let over = false;
    const watchdog = createWatchdog(options.stallMs, () =>
      settle({ ending: { kind: 'stalled', productive } }),
    );

    const settle = (ended: Ended) => {
      if (over) return;
      over = true;
      watchdog.stop();
      release();
      source.close();
      controller.abort();
      resolve(ended);
    };

    const open = async (url: string | URL): Promise<Response> => {
      const response = await options
        .fetch(url, { headers: options.headers, signal: controller.signal, cache: 'no-store' })
        .catch((cause: unknown) => {
          failed = { ending: { kind: 'unreachable' }, error: connectionError(options.url, cause) };
          // Not the cause itself: eventsource would keep silent about an AbortError of another origin.
          throw new Error('unreachable');
        });
      watchdog.feed();
      const refusal = await readRefusal(response);
      if (refusal) {
        failed = {
          ending: { kind: 'refused', status: refusal.status, retryAfterMs: refusal.retryAfterMs },
          error: refusal,
        };
        throw new Error('refused');
      }
      opened = true;
      options.onOpen();
      return paced(response, options.room, watchdog);
    };

    watchdog.feed();
    const source = new EventSource(options.url, { fetch: open });
    const onEvent = ({ data, lastEventId }: MessageEvent) => {
      if (over) return;
      productive = true;
      try {
        // The events of the contract; a type that is not in it is never listened for.
        const event = JSON.parse(String(data)) as Exclude<E, { type: 'bye' }> | ByeEvent;
        if (isBye(event)) settle({ ending: { kind: 'bye', reason: event.reason } });
        else options.onEvent(event, lastEventId || undefined);
      } catch (cause) {
        settle({ ending: { kind: 'refused', status: 200 }, error: invalidEvent(cause) });
      }
    };
    for (const type of options.types) source.addEventListener(type, onEvent);
    source.addEventListener('error', () => {
      settle(failed ?? { ending: opened ? { kind: 'cut', productive } : { kind: 'unreachable' } });
    });
    controller.signal.addEventListener('abort', () => settle({ ending: { kind: 'cut', productive } }), {
      once: true,
    });
    if (controller.signal.aborted) settle({ ending: { kind: 'cut', productive } });
  });
}

function isBye(event: AnyEvent): event is ByeEvent {
  return event.type === 'bye';
}

async function readRefusal(response: Response): Promise<ApiError | undefined> {
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 200 && /^text\/event-stream\b/i.test(type)) return undefined;
  const text = await response.text().catch(() => '');
  return errorOf(response.status, response.headers, text);
}

function invalidEvent(cause: unknown): StagerError {
  return new StagerError('The stream sent an event that is not JSON.', {
    code: 'invalid_answer',
    status: 200,
    cause,
  });
}

interface Watchdog {
  /** Something has arrived: it counts from now. */
  feed(): void;
  /** We are the ones who wait: it does not count. */
  rest(): void;
  stop(): void;
}

function createWatchdog(ms: number, onStall: () => void): Watchdog {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const rest = () => clearTimeout(timer);
  return {
    feed() {
      rest();
      if (!stopped) timer = setTimeout(onStall, ms);
    },
    rest,
    stop() {
      stopped = true;
      rest();
    },
  };
}

/** The same response, read only while there is room, with the watchdog on every wait for bytes. */
function paced(response: Response, room: () => Promise<void>, watchdog: Watchdog): Response {
  const reader = response.body?.getReader();
  if (!reader) return response;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        watchdog.rest();
        await room();
        watchdog.feed();
        const { done, value } = await reader.read();
        watchdog.feed();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status: response.status, headers: response.headers });
}
