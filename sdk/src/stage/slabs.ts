import { abortable } from '../core/abort.ts';

/** Bytes of the smallest slab. */
const LEAST = 256 * 1024;

/** Sizes are powers of two, so that a slab fits the next photo of about the same size. */
export function slabSize(bytes: number): number {
  return Math.max(LEAST, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
}

/** Shared, so that another thread can hash what is on it. */
export type Slab = Uint8Array<SharedArrayBuffer>;

/**
 * Memory that photos are read into, used again and again: fresh memory for every photo would cost the machine more
 * than reading the photo does.
 */
export class Slabs {
  readonly #total: number;
  #left: number;
  readonly #idle: SharedArrayBuffer[] = [];
  readonly #waiting: { readonly size: number; readonly go: (slab: Slab) => void }[] = [];

  /** @param bytes that may be held at the same time, idle ones included */
  constructor(bytes: number) {
    this.#total = bytes;
    this.#left = bytes;
  }

  /**
   * Waits, in order of arrival, until there is room.
   * @returns at least so many bytes, of any content; undefined when that is more than there ever is
   * @throws AbortError
   */
  take(bytes: number, signal?: AbortSignal): Promise<Slab | undefined> {
    const size = slabSize(bytes);
    if (size > this.#total) return Promise.resolve(undefined);
    const slab = new Promise<Slab>((go) => this.#waiting.push({ size, go }));
    this.#serve();
    return abortable(slab, signal);
  }

  /** @param slab as it was taken, or a view of it */
  give(slab: Slab): void {
    this.#idle.push(slab.buffer);
    this.#serve();
  }

  #serve(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const slab = this.#find(next.size);
      if (!slab) return;
      this.#waiting.shift();
      next.go(slab);
    }
  }

  #find(size: number): Slab | undefined {
    const at = this.#idle.findIndex(({ byteLength }) => byteLength === size);
    const [fits] = at < 0 ? [] : this.#idle.splice(at, 1);
    if (fits) return new Uint8Array(fits);
    // Idle ones of other sizes make room.
    while (size > this.#left && this.#idle.length > 0) this.#left += this.#idle.pop()?.byteLength ?? 0;
    if (size > this.#left) return undefined;
    this.#left -= size;
    return new Uint8Array(new SharedArrayBuffer(size));
  }
}
