import { abortable, delay, follow } from '../core/abort.ts';
import { AbortError, NotFoundError, StagerError, TimeoutError } from '../core/errors.ts';
import { backoff } from '../core/retry.ts';
import type { Transport } from '../core/transport.ts';
import { EventStream, type FollowedEvent } from '../events/stream.ts';
import type { Image, ImageEvent } from '../generated/types.ts';

export interface WaitOptions {
  readonly signal?: AbortSignal | undefined;
  /** Longest wait for all of them together, in milliseconds. @default none */
  readonly timeoutMs?: number | undefined;
  /** Gets every event of the images that are waited for. */
  readonly onEvent?: ((event: ImageEvent) => void) | undefined;
}

export interface WatchOptions {
  readonly projectId?: string | undefined;
  readonly imageId?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: ImageEvent) => void) | undefined;
}

interface ImageReader {
  get(imageId: string, options: { readonly signal: AbortSignal }): PromiseLike<Image>;
}

interface Tracked {
  readonly promise: Promise<Image>;
  readonly resolve: (image: Image) => void;
  readonly reject: (error: unknown) => void;
}

const ENDINGS: ReadonlySet<string> = new Set([
  'image.ready',
  'image.error',
  'image.canceled',
  'image.deleted',
]);
const UNFINISHED: ReadonlySet<string> = new Set(['queued', 'processing']);
/** Images looked up at the same time. */
const LOOKUPS = 4;
/** Longest pause between two looks while the API is away, in milliseconds. */
const LOOKUP_CAP_MS = 5_000;
/** Now and then all are looked up, in case a proxy swallows the stream; milliseconds. */
const BACKSTOP_MS = 60_000;

/**
 * Follows many images over one event stream. What has ended between a create and its answer is not missed: endings of
 * images that nobody has asked for yet are remembered, and what a snapshot does not list is looked up.
 */
export class ImageWatcher {
  readonly #reader: ImageReader;
  readonly #stream: EventStream;
  readonly #controller = new AbortController();
  readonly #release: () => void;
  readonly #onEvent: ((event: ImageEvent) => void) | undefined;
  readonly #tracked = new Map<string, Tracked>();
  readonly #endedEarly = new Set<string>();
  readonly #lookups = new Set<string>();
  #active = 0;
  #failure: { readonly error: unknown } | undefined;
  #running: Promise<void> | undefined;
  #backstop: ReturnType<typeof setInterval> | undefined;

  constructor(
    transport: Transport,
    reader: ImageReader,
    { projectId, imageId, signal, onEvent }: WatchOptions,
  ) {
    this.#reader = reader;
    this.#release = follow(signal, this.#controller);
    this.#onEvent = onEvent;
    this.#stream = new EventStream(transport, { projectId, imageId, signal: this.#controller.signal });
  }

  /** Opens the stream. @returns when its snapshot is here: from then on nothing is missed */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#follow(resolve).catch((error: unknown) => {
        this.#fail(error);
        reject(error);
      });
      this.#backstop = setInterval(() => {
        for (const id of this.#tracked.keys()) this.#lookUp(id);
      }, BACKSTOP_MS);
    });
  }

  /** @returns the image when it has ended. @throws NotFoundError when it is deleted */
  track(imageId: string): Promise<Image> {
    const known = this.#tracked.get(imageId);
    if (known) return known.promise;
    const { promise, resolve, reject } = Promise.withResolvers<Image>();
    if (this.#failure) reject(this.#failure.error);
    this.#tracked.set(imageId, { promise, resolve, reject });
    if (this.#endedEarly.delete(imageId)) this.#lookUp(imageId);
    return promise;
  }

  async close(): Promise<void> {
    clearInterval(this.#backstop);
    this.#controller.abort();
    this.#release();
    await this.#running;
  }

  async #follow(opened: () => void): Promise<void> {
    for await (const event of this.#stream) {
      this.#take(event);
      if (event.type === 'snapshot') opened();
    }
    throw new AbortError(this.#controller.signal.reason);
  }

  #take(event: FollowedEvent): void {
    if (event.type === 'snapshot') {
      const listed = new Set(event.images.map((image) => image.id));
      for (const id of this.#tracked.keys()) if (!listed.has(id)) this.#lookUp(id);
      return;
    }
    if (!('imageId' in event)) return;
    if (this.#tracked.has(event.imageId)) {
      this.#onEvent?.(event);
      if (ENDINGS.has(event.type)) this.#lookUp(event.imageId);
    } else if (ENDINGS.has(event.type)) {
      this.#endedEarly.add(event.imageId);
    }
  }

  #lookUp(imageId: string): void {
    this.#lookups.add(imageId);
    while (this.#active < LOOKUPS) {
      const [next] = this.#lookups;
      if (next === undefined) break;
      this.#lookups.delete(next);
      this.#active += 1;
      this.#settle(next).finally(() => {
        this.#active -= 1;
        const [waiting] = this.#lookups;
        if (waiting !== undefined) this.#lookUp(waiting);
      });
    }
  }

  async #settle(imageId: string): Promise<void> {
    const tracked = this.#tracked.get(imageId);
    if (!tracked) return;
    try {
      const image = await this.#read(imageId);
      if (UNFINISHED.has(image.state)) return;
      this.#tracked.delete(imageId);
      tracked.resolve(image);
    } catch (error) {
      this.#tracked.delete(imageId);
      tracked.reject(NotFoundError.isInstance(error) ? deleted(imageId, error) : error);
    }
  }

  /** An outage of the API says nothing about the image: as the stream, it is waited for as long as it takes. */
  async #read(imageId: string): Promise<Image> {
    const { signal } = this.#controller;
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.#reader.get(imageId, { signal });
      } catch (error) {
        if (signal.aborted || !StagerError.isInstance(error) || !error.retryable) throw error;
        await delay(backoff(failures, Math.random(), LOOKUP_CAP_MS), signal);
      }
    }
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    for (const { reject } of this.#tracked.values()) reject(error);
    this.#tracked.clear();
  }
}

function deleted(imageId: string, cause: NotFoundError): NotFoundError {
  const { status, requestId } = cause;
  return new NotFoundError(`The image ${imageId} does not exist (any more).`, {
    code: 'not_found',
    status,
    requestId,
    cause,
  });
}

/** Waits for all, then closes the watcher. */
export async function waitForImages(
  watcher: ImageWatcher,
  ids: string | readonly string[],
  { signal, timeoutMs }: WaitOptions,
): Promise<Image | Image[]> {
  const wanted = typeof ids === 'string' ? [ids] : ids;
  if (wanted.length === 0) return [];
  const expiry = new AbortController();
  const release = follow(signal, expiry);
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => expiry.abort('timeout'), timeoutMs);
  try {
    const all = Promise.all(wanted.map((id) => watcher.track(id)));
    const started = watcher.start();
    // Either may fail first; the other then fails for the same reason, and nobody would be listening.
    started.catch(() => undefined);
    all.catch(() => undefined);
    await abortable(Promise.race([started, all]), expiry.signal);
    const images = await abortable(all, expiry.signal);
    const [first] = images;
    return typeof ids === 'string' && first ? first : images;
  } catch (error) {
    if (!expiry.signal.aborted || signal?.aborted) throw error;
    throw new TimeoutError(
      `${wanted.length === 1 ? 'The image has' : 'The images have'} not ended within ${timeoutMs} ms.`,
      {
        code: 'timeout',
        retryable: true,
      },
    );
  } finally {
    clearTimeout(timer);
    release();
    await watcher.close();
  }
}
