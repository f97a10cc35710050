import { aborted } from './slot.ts';

/** Those who wait for one of a few things, first come, first served. */
export class Queue<T> {
  readonly #waiting = new Set<(thing: T) => void>();

  /** Resolves when it is this caller's turn. Rejects with `engine_aborted` at the abort. */
  wait(signal: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(enter);
        reject(aborted());
      };
      const enter = (thing: T) => {
        signal.removeEventListener('abort', leave);
        resolve(thing);
      };
      if (signal.aborted) return leave();
      signal.addEventListener('abort', leave, { once: true });
      this.#waiting.add(enter);
    });
  }

  /** False when nobody waits. */
  handOver(thing: T): boolean {
    const [first] = this.#waiting;
    if (!first) return false;
    this.#waiting.delete(first);
    first(thing);
    return true;
  }
}
