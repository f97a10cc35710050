import { delay, throwIfAborted } from '../core/abort.ts';
import { ConnectionError } from '../core/errors.ts';
import type { Transport } from '../core/transport.ts';
import { userAgent } from '../core/transport.ts';
import { PING_SECONDS } from '../generated/constants.ts';
import type { ReconcileEvent, ReconcileRun } from '../generated/types.ts';
import { type Ended, followConnection } from './connection.ts';
import { hasEnded } from './hasEnded.ts';
import { decideReconnect } from './reconnect.ts';

export interface FollowRunOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * A run whenever it has changed, until it has ended. Reconnects by itself: each connection begins with the run as it is.
 * @throws from the iteration: AuthenticationError, PermissionError, NotFoundError, AbortError
 */
export async function* followRun(
  transport: Transport,
  runId: string,
  { signal = new AbortController().signal }: FollowRunOptions,
): AsyncGenerator<ReconcileRun, void, undefined> {
  let [failures, unauthorized, wasOpen] = [0, 0, false];
  let rejected: string | undefined;
  let told = '';
  for (;;) {
    throwIfAborted(signal);
    const token = await transport.token(rejected);
    const latest = new Latest<ReconcileRun>();
    const left = new AbortController();
    const connection = followConnection<ReconcileEvent>({
      types: ['run', 'ping', 'bye'],
      url: transport.url('followReconcileRun', { params: { runId } }),
      fetch: (url, init) => transport.fetch(String(url), init),
      headers: {
        accept: 'text/event-stream',
        'user-agent': userAgent(transport.settings.userAgent),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      signal: AbortSignal.any([signal, left.signal]),
      stallMs: PING_SECONDS * 3_000,
      onOpen: () => {
        wasOpen = true;
        unauthorized = 0;
      },
      onEvent(event) {
        failures = 0;
        if (event.type === 'run') latest.put(event.run);
      },
      room: async () => undefined,
    }).finally(() => latest.end());
    try {
      for await (const run of latest) {
        // A connection that was opened again begins with what was told before.
        const text = JSON.stringify(run);
        if (text !== told) yield run;
        told = text;
        if (hasEnded(run)) return;
      }
    } finally {
      // Whoever has seen enough waits for no server to end it.
      left.abort();
    }
    const ended: Ended = await connection;
    throwIfAborted(signal);
    const { maxRetries } = transport.settings;
    const random = Math.random();
    const answer = decideReconnect({
      ending: ended.ending,
      wasOpen,
      failures,
      unauthorized,
      maxRetries,
      random,
    });
    if (!answer.reconnect) throw ended.error ?? neverOpen();
    const refused = ended.ending.kind === 'refused' && ended.ending.status === 401;
    if (refused) unauthorized += 1;
    rejected = refused ? token : undefined;
    failures += 1;
    await delay(answer.delayMs, signal);
  }
}

/** Holds the newest value alone: whoever is slow sees fewer. */
class Latest<T> implements AsyncIterable<T> {
  #value: T | undefined;
  #over = false;
  #wake = Promise.withResolvers<void>();

  put(value: T): void {
    this.#value = value;
    this.#wake.resolve();
  }

  end(): void {
    this.#over = true;
    this.#wake.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
      const value = this.#value;
      this.#value = undefined;
      if (value !== undefined) yield value;
      if (this.#over && this.#value === undefined) return;
      if (this.#over || this.#value !== undefined) this.#wake.resolve();
    }
  }
}

function neverOpen(): ConnectionError {
  return new ConnectionError('The event stream could not be opened.', {
    code: 'connection_failed',
    retryable: true,
  });
}
