import { delay, follow } from '../core/abort.ts';
import { AbortError, ConnectionError, StagerError } from '../core/errors.ts';
import type { Transport } from '../core/transport.ts';
import { userAgent } from '../core/transport.ts';
import { EVENT_TYPES, PING_SECONDS } from '../generated/constants.ts';
import type { StreamEvent } from '../generated/types.ts';
import { type Ended, followConnection } from './connection.ts';
import { Queue } from './queue.ts';
import { decideReconnect, type Ending } from './reconnect.ts';

/** An event and its position: pass the `id` as `lastEventId` to go on behind it. */
export type FollowedEvent = StreamEvent & { id?: string };

export interface EventsOptions {
  /** Only events of this project. */
  readonly projectId?: string | undefined;
  /** Only events of this image. */
  readonly imageId?: string | undefined;
  /** Go on behind this event. @default begin with a snapshot of what is unfinished */
  readonly lastEventId?: string | undefined;
  /** Ends the stream; iteration is over, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Also yield `ping`. @default false */
  readonly pings?: boolean | undefined;
  /** Milliseconds without a byte after which the line is taken for dead. @default three pings, 45000 */
  readonly stallMs?: number | undefined;
  /** Tries to open a stream that was never open. @default that of the client */
  readonly maxRetries?: number | undefined;
  /** Told before each reconnect, for a display. */
  readonly onReconnect?: ((info: ReconnectInfo) => void) | undefined;
}

export interface ReconnectInfo {
  readonly ending: Ending['kind'];
  readonly delayMs: number;
  /** Reconnects in a row without an event between them. */
  readonly failures: number;
  readonly error: StagerError | undefined;
}

/** Events that may wait for their consumer before we stop reading; one chunk of bytes may come on top. */
const BUFFER = 256;
/** Ids that are remembered against a repeat. */
const REMEMBERED = 2_000;

/**
 * Server-sent events that survive what happens to long connections: an expired token, a restart, a dead line. No
 * event about an image is lost or comes twice.
 * @example
 * for await (const event of stager.events()) console.log(event.type);
 */
export class EventStream implements AsyncIterableIterator<FollowedEvent, undefined>, AsyncDisposable {
  readonly #transport: Transport;
  readonly #options: EventsOptions;
  readonly #queue = new Queue<FollowedEvent>(BUFFER);
  readonly #controller = new AbortController();
  readonly #seen = new Set<string>();
  /** Where the next connection goes on; undefined asks for a snapshot. */
  #cursor: string | undefined;
  #consumed: string | undefined;
  #failures = 0;
  #unauthorized = 0;
  #wasOpen = false;
  #rejected: string | undefined;
  #token: string | undefined;
  #started: Promise<void> | undefined;

  constructor(transport: Transport, options: EventsOptions) {
    this.#transport = transport;
    this.#options = options;
    this.#cursor = options.lastEventId;
    this.#consumed = options.lastEventId;
  }

  /** Position behind what was yielded so far. */
  get lastEventId(): string | undefined {
    return this.#consumed;
  }

  /** Ends the stream and its connection. */
  close(): void {
    this.#controller.abort();
    this.#queue.drop();
  }

  async next(): Promise<IteratorResult<FollowedEvent, undefined>> {
    this.#started ??= this.#run();
    const result = await this.#queue.next();
    if (!result.done && result.value.id !== undefined) this.#consumed = result.value.id;
    return result;
  }

  async return(): Promise<IteratorResult<FollowedEvent, undefined>> {
    this.close();
    await this.#started;
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  async #run(): Promise<void> {
    const release = follow(this.#options.signal, this.#controller);
    const { signal } = this.#controller;
    try {
      while (!signal.aborted) {
        await this.#transport.gate.pass(signal);
        const ended = await this.#connect();
        if (signal.aborted) break;
        await this.#rest(ended);
      }
      this.#queue.drop();
    } catch (error) {
      if (AbortError.isInstance(error) && signal.aborted) this.#queue.drop();
      else this.#queue.end(error);
    } finally {
      release();
    }
  }

  async #connect(): Promise<Ended> {
    const { projectId, imageId, stallMs = PING_SECONDS * 3_000 } = this.#options;
    const rejected = this.#rejected;
    this.#rejected = undefined;
    try {
      this.#token = await this.#transport.token(rejected);
    } catch (error) {
      if (!StagerError.isInstance(error) || !error.retryable) throw error;
      this.#rejected = rejected;
      return { ending: { kind: 'unreachable' }, error };
    }
    return followConnection<StreamEvent>({
      types: EVENT_TYPES,
      url: this.#transport.url('streamEvents', { query: { projectId, imageId } }),
      fetch: (url, init) => this.#transport.fetch(String(url), init),
      headers: this.#headers(),
      signal: this.#controller.signal,
      stallMs,
      onOpen: () => {
        this.#wasOpen = true;
        this.#unauthorized = 0;
      },
      onEvent: (event, id) => this.#take(event, id),
      room: () => this.#queue.room(),
    });
  }

  #headers(): Record<string, string> {
    return {
      accept: 'text/event-stream',
      'user-agent': userAgent(this.#transport.settings.userAgent),
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      ...(this.#cursor === undefined ? {} : { 'last-event-id': this.#cursor }),
    };
  }

  #take(event: StreamEvent, id: string | undefined): void {
    this.#failures = 0;
    if (event.type === 'reset') {
      // A snapshot follows: until it is here, the next connection has to ask for it again. Ids may begin anew.
      this.#cursor = undefined;
      this.#seen.clear();
    } else {
      this.#cursor = id ?? this.#cursor;
    }
    if (event.type === 'ping' && !this.#options.pings) {
      this.#passed(id);
      return;
    }
    if (event.type !== 'snapshot' && event.type !== 'ping' && id !== undefined && this.#isRepeat(id)) return;
    this.#queue.push(id === undefined ? event : { ...event, id });
  }

  /** A ping moves the position over events that the filter hides; it counts once all before it were read. */
  #passed(id: string | undefined): void {
    if (id !== undefined && this.#queue.isEmpty) this.#consumed = id;
  }

  #isRepeat(id: string): boolean {
    if (this.#seen.has(id)) return true;
    this.#seen.add(id);
    const oldest = this.#seen.keys().next();
    if (this.#seen.size > REMEMBERED && !oldest.done) this.#seen.delete(oldest.value);
    return false;
  }

  /** Waits until it is time for the next connection. @throws what ended the stream for good */
  async #rest({ ending, error }: Ended): Promise<void> {
    const { maxRetries = this.#transport.settings.maxRetries, onReconnect } = this.#options;
    const answer = decideReconnect({
      ending,
      wasOpen: this.#wasOpen,
      failures: this.#failures,
      unauthorized: this.#unauthorized,
      maxRetries,
      random: Math.random(),
    });
    if (!answer.reconnect) throw error ?? neverOpen();
    const unauthorized = ending.kind === 'refused' && ending.status === 401;
    if (unauthorized) this.#unauthorized += 1;
    if (unauthorized || (ending.kind === 'bye' && ending.reason === 'token_expired'))
      this.#rejected = this.#token;
    if (ending.kind === 'refused' && ending.retryAfterMs !== undefined)
      this.#transport.gate.close(answer.delayMs);
    this.#transport.settings.logger.debug?.('stream ended', { ending: ending.kind, delayMs: answer.delayMs });
    onReconnect?.({ ending: ending.kind, delayMs: answer.delayMs, failures: this.#failures, error });
    this.#failures += 1;
    await delay(answer.delayMs, this.#controller.signal);
  }
}

function neverOpen(): ConnectionError {
  return new ConnectionError('The event stream could not be opened.', {
    code: 'connection_failed',
    retryable: true,
  });
}
