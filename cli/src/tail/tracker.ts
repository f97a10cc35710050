import type { Image, ImageEvent } from '@stager/sdk';

export interface Tally {
  readonly ready: number;
  readonly failed: number;
  readonly canceled: number;
  readonly deleted: number;
  readonly pending: number;
}

type Ending = 'ready' | 'failed' | 'canceled' | 'deleted';

/** What becomes of the images that were unfinished at the first snapshot; those that come later do not count. */
export class Tracker {
  #pending: Set<string> | undefined;
  readonly #counts: Record<Ending, number> = { ready: 0, failed: 0, canceled: 0, deleted: 0 };

  /** Nothing that was waited for is unfinished. False until there was a snapshot. */
  get done(): boolean {
    return this.#pending?.size === 0;
  }

  get tally(): Tally {
    return { ...this.#counts, pending: this.#pending?.size ?? 0 };
  }

  /**
   * The first snapshot says what to wait for.
   * @returns ids that were waited for and are not in a later one: they have ended unseen and have to be looked up
   */
  takeSnapshot(images: readonly Pick<Image, 'id'>[]): string[] {
    const listed = new Set(images.map(({ id }) => id));
    if (!this.#pending) {
      this.#pending = listed;
      return [];
    }
    return [...this.#pending].filter((id) => !listed.has(id));
  }

  /** Begins anew with the next snapshot; what was counted stays. */
  restart(): void {
    this.#pending = undefined;
  }

  takeEvent({ type, imageId, state }: Pick<ImageEvent, 'type' | 'imageId' | 'state'>): void {
    if (type === 'image.deleted') this.#end(imageId, 'deleted');
    else this.takeState(imageId, state);
  }

  takeState(imageId: string, state: Image['state'] | 'deleted'): void {
    if (state === 'error') this.#end(imageId, 'failed');
    else if (state === 'ready' || state === 'canceled' || state === 'deleted') this.#end(imageId, state);
  }

  #end(imageId: string, how: Ending): void {
    if (this.#pending?.delete(imageId)) this.#counts[how] += 1;
  }
}
