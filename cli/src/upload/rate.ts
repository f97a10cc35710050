/** Span over which the speed is measured, in milliseconds. */
const WINDOW_MS = 5000;

interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Bytes per second over the last few seconds. */
export class Rate {
  #samples: Sample[] = [];

  /** @param bytes in all so far */
  add(bytes: number, at: number): void {
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && at - (this.#samples[1]?.at ?? at) > WINDOW_MS) this.#samples.shift();
  }

  /** Undefined until there is enough to tell. */
  get perSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at - first.at < 500 || last.bytes <= first.bytes) return undefined;
    return ((last.bytes - first.bytes) * 1000) / (last.at - first.at);
  }
}
