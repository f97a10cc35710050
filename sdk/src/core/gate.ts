import { delay } from './abort.ts';

/** One for all calls of a client: whoever is told to wait makes all others wait, too. */
export class Gate {
  #openAt = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until it opens; 0 when it is open. */
  get closedMs(): number {
    return Math.max(0, this.#openAt - this.#now());
  }

  close(ms: number): void {
    this.#openAt = Math.max(this.#openAt, this.#now() + ms);
  }

  /** Resolves when it is open; those who waited pass over a short while, not all at once. */
  async pass(signal?: AbortSignal): Promise<void> {
    while (this.closedMs > 0) {
      const closed = this.closedMs;
      await delay(closed + Math.random() * Math.min(200, closed / 5), signal);
    }
  }
}
