type Waiter<T> = {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

/**
 * Hands items from a producer to an async iterator, in order. Bounded by the producer, which asks `room()` before it
 * reads more.
 */
export class Queue<T> {
  readonly #capacity: number;
  #items: T[] = [];
  #waiters: Waiter<T>[] = [];
  #roomWaiters: (() => void)[] = [];
  #end: { readonly error?: unknown } | undefined;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get isEmpty(): boolean {
    return this.#items.length === 0;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  push(item: T): void {
    if (this.#end) return;
    const waiter = this.#waiters.shift();
    if (waiter) waiter.resolve({ value: item, done: false });
    else this.#items.push(item);
  }

  /** What is queued can still be read; then it is over, or the error is thrown once. */
  end(error?: unknown): void {
    if (this.#end) return;
    this.#end = error === undefined ? {} : { error };
    for (const waiter of this.#waiters.splice(0)) this.#finish(waiter);
    this.#freeRoom();
  }

  /** Nobody reads any more. */
  drop(): void {
    this.#items = [];
    this.end();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#items.shift();
    if (this.#items.length < this.#capacity) this.#freeRoom();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      if (this.#end) this.#finish(waiter);
      else this.#waiters.push(waiter);
    });
  }

  /** Resolves when there is room for more, or when it is over. */
  room(): Promise<void> {
    if (this.#end || this.#items.length < this.#capacity) return Promise.resolve();
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  #finish(waiter: Waiter<T>): void {
    const { error } = this.#end ?? {};
    this.#end = {};
    if (error === undefined) waiter.resolve({ value: undefined, done: true });
    else waiter.reject(error);
  }

  #freeRoom(): void {
    for (const resolve of this.#roomWaiters.splice(0)) resolve();
  }
}
