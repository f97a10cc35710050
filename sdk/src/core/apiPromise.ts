import type { RateLimit } from './retryAfter.ts';

/** What came with an answer. */
export interface ResponseInfo {
  readonly status: number;
  readonly headers: Headers;
  /** Names the request in the logs of the API. */
  readonly requestId: string | undefined;
  /** What is left of the budget; undefined when the server does not say. */
  readonly rateLimit: RateLimit | undefined;
  /** Whether the answer belongs to an earlier request with the same idempotency key. */
  readonly replayed: boolean;
  /** Retries that it took. */
  readonly retries: number;
}

export interface WithResponse<T> {
  readonly data: T;
  readonly response: ResponseInfo;
}

/**
 * The answer of a call; `withResponse()` adds what came with it.
 * @example
 * const { data, response } = await stager.me().withResponse();
 */
export class ApiPromise<T> implements Promise<T> {
  readonly [Symbol.toStringTag] = 'ApiPromise';
  readonly #answer: Promise<WithResponse<T>>;

  constructor(answer: Promise<WithResponse<T>>) {
    this.#answer = answer;
  }

  withResponse(): Promise<WithResponse<T>> {
    return this.#answer;
  }

  // Derived on demand: a second promise made up front would count as unhandled when only withResponse() is used.
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.#answer.then(({ data }) => data).then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.#answer.then(({ data }) => data).finally(onFinally);
  }
}
