/**
 * Collects items while a call is under way, or has just begun, and sends all that have come in the next one: the first
 * item waits for nobody, and a thousand items become a few calls.
 */
export class Batcher<T> {
  readonly #send: (items: T[]) => Promise<void>;
  readonly #max: number;
  readonly #parallel: number;
  readonly #paceMs: number;
  readonly #hold: () => boolean;
  #waiting: T[] = [];
  #running = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #idle: (() => void)[] = [];

  /**
   * @param paceMs between the beginnings of two calls: items come faster than calls are worth making
   * @param send must not reject
   * @param hold whether a call that is not full had better wait for more items; `poke` when that has changed
   */
  constructor(
    max: number,
    parallel: number,
    paceMs: number,
    send: (items: T[]) => Promise<void>,
    hold: () => boolean = () => false,
  ) {
    this.#max = max;
    this.#parallel = parallel;
    this.#paceMs = paceMs;
    this.#send = send;
    this.#hold = hold;
  }

  add(item: T): void {
    this.#waiting.push(item);
    this.#schedule();
  }

  /** What is waited for may have come. */
  poke(): void {
    this.#schedule();
  }

  /** Nothing more is to be expected soon: what waits is sent now. */
  flush(): void {
    this.#lastAt = Number.NEGATIVE_INFINITY;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#schedule();
  }

  /** Resolves when nothing waits and no call is under way. */
  settled(): Promise<void> {
    this.flush();
    if (this.#waiting.length === 0 && this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#waiting.length === 0 || this.#running >= this.#parallel) return;
    const full = this.#waiting.length >= this.#max;
    if (!full && this.#hold()) return;
    const ms = full ? 0 : Math.max(0, this.#lastAt + this.#paceMs - performance.now());
    this.#timer = setTimeout(() => this.#begin(), ms);
  }

  #begin(): void {
    this.#timer = undefined;
    this.#lastAt = performance.now();
    this.#running += 1;
    void this.#send(this.#waiting.splice(0, this.#max)).finally(() => {
      this.#running -= 1;
      this.#schedule();
      if (this.#running === 0 && this.#waiting.length === 0)
        for (const resolve of this.#idle.splice(0)) resolve();
    });
    this.#schedule();
  }
}
