import type { Image, Stager } from '@stager/sdk';

/** What the photos behind image ids are called. Events carry ids only. */
export class Names {
  readonly #client: Stager;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, string>();

  constructor(client: Stager, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  add(images: readonly Image[]): void {
    for (const { id, name, variation } of images) {
      this.#known.set(id, name && variation > 0 ? `${name} (${variation + 1})` : (name ?? id));
    }
  }

  /**
   * The name, or the id itself when the photo has none. One that is unknown is looked up together with all others that
   * are new: an id costs one request at most, and a batch of images one for all of them.
   */
  async of(id: string): Promise<string> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    // Only for show: a failure here must not end the stream.
    const page = await this.#client.images
      .list({ limit: 100 }, { signal: this.#signal, maxRetries: 0 })
      .page()
      .catch(() => undefined);
    this.#known.set(id, id);
    this.add(page?.items ?? []);
    return this.#known.get(id) ?? id;
  }
}
