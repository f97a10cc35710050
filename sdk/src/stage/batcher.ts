/**
 * Collects items while a call is under way and sends all that have come in the next one: the first item waits for
 * nobody, and a thousand items become a few calls.
 */
export class Batcher<T> {
  readonly #send: (items: T[]) => Promise<void>;
  readonly #max: number;
  readonly #parallel: number;
  #waiting: T[] = [];
  #running = 0;
  #idle: (() => void)[] = [];
  #scheduled = false;

  /** @param send must not reject */
  constructor(max: number, parallel: number, send: (items: T[]) => Promise<void>) {
    this.#max = max;
    this.#parallel = parallel;
    this.#send = send;
  }

  add(item: T): void {
    this.#waiting.push(item);
    if (this.#scheduled) return;
    this.#scheduled = true;
    // What is added in the same turn belongs in the same call.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Resolves when nothing waits and no call is under way. */
  settled(): Promise<void> {
    if (this.#waiting.length === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #pump(): void {
    while (this.#running < this.#parallel && this.#waiting.length > 0) {
      this.#running += 1;
      void this.#send(this.#waiting.splice(0, this.#max)).finally(() => {
        this.#running -= 1;
        this.#pump();
      });
    }
    if (this.#running === 0 && this.#waiting.length === 0)
      for (const resolve of this.#idle.splice(0)) resolve();
  }
}
