/** How many may run after a success or a setback: one more after a round of successes, half after a setback. */
export function nextLimit(limit: number, outcome: 'round' | 'setback', max: number): number {
  return outcome === 'round' ? Math.min(max, limit + 1) : Math.max(1, Math.floor(limit / 2));
}

/** Runs tasks, as many at the same time as go well. */
export class AdaptivePool {
  readonly #max: number;
  #limit: number;
  #running = 0;
  #successes = 0;
  #waiting: (() => void)[] = [];

  constructor(start: number, max: number) {
    this.#max = max;
    this.#limit = Math.min(start, max);
  }

  /** Tasks that have no place yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  get limit(): number {
    return this.#limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  succeeded(): void {
    this.#successes += 1;
    if (this.#successes < this.#limit) return;
    this.#successes = 0;
    this.#limit = nextLimit(this.#limit, 'round', this.#max);
  }

  setBack(): void {
    this.#successes = 0;
    this.#limit = nextLimit(this.#limit, 'setback', this.#max);
  }

  /** A place that is handed over keeps being counted. */
  #release(): void {
    if (this.#running > this.#limit) {
      this.#running -= 1;
      return;
    }
    const next = this.#waiting.shift();
    if (next) next();
    else this.#running -= 1;
    while (this.#running < this.#limit && this.#waiting.length > 0) {
      this.#running += 1;
      this.#waiting.shift()?.();
    }
  }
}
