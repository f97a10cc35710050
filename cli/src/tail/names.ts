import type { Image, Stager } from '@stager/sdk';

/** Between two looks at the list, in milliseconds: a burst of new images costs one request. */
const PAUSE_MS = 2000;

/** What the photos behind image ids are called. Events carry ids only. */
export class Names {
  readonly #client: Stager;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, string>();
  #lookedAt = Number.NEGATIVE_INFINITY;

  constructor(client: Stager, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  add(images: readonly Image[]): void {
    for (const { id, name, variation } of images) {
      if (name) this.#known.set(id, variation > 0 ? `${name} (${variation + 1})` : name);
    }
  }

  /** The name, or the id itself when the photo has none. */
  async of(id: string): Promise<string> {
    if (!this.#known.has(id) && performance.now() - this.#lookedAt > PAUSE_MS) {
      this.#lookedAt = performance.now();
      // Only for show: a failure here must not end the stream.
      const page = await this.#client.images
        .list({ limit: 100 }, { signal: this.#signal, maxRetries: 0 })
        .page()
        .catch(() => undefined);
      this.add(page?.items ?? []);
    }
    return this.#known.get(id) ?? id;
  }
}
