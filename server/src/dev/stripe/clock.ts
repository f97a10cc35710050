import type { FakeStore } from './store.ts';

const OFFSET = 'clock_offset_seconds';

/** Seconds since the epoch, as everything at Stripe is told. The clock can be moved ahead, and never back. */
export class FakeClock {
  readonly #store: FakeStore;

  constructor(store: FakeStore) {
    this.#store = store;
  }

  now(): number {
    return this.shown(Math.floor(Date.now() / 1000));
  }

  /** A moment that somebody outside has read from the clock of the machine. */
  shown(seconds: number): number {
    return seconds + this.#ahead;
  }

  moveTo(seconds: number): void {
    const ahead = seconds - Math.floor(Date.now() / 1000);
    if (ahead > this.#ahead) this.#store.set(OFFSET, String(ahead));
  }

  get #ahead(): number {
    return Number(this.#store.setting(OFFSET) ?? 0);
  }
}

export const DAY = 86_400;

/** The same day of the next month, or its last day. @param anchor when the first period began */
export function monthsAfter(anchor: number, months: number): number {
  const at = new Date(anchor * 1000);
  const moved = new Date(at);
  moved.setUTCDate(1);
  moved.setUTCMonth(at.getUTCMonth() + months);
  const last = new Date(Date.UTC(moved.getUTCFullYear(), moved.getUTCMonth() + 1, 0)).getUTCDate();
  moved.setUTCDate(Math.min(at.getUTCDate(), last));
  return Math.floor(moved.getTime() / 1000);
}

/** End of the period that begins at `start`, of a subscription that began at `anchor`. */
export function periodEnd(anchor: number, start: number): number {
  for (let months = 1; ; months += 1) {
    const end = monthsAfter(anchor, months);
    if (end > start) return end;
  }
}
