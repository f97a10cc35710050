export interface Bell {
  ring(): void;
  /** Resolves at the next ring or after so many milliseconds; at once when it rang since the last wait. */
  wait(ms: number): Promise<void>;
  /** Resolves after so many milliseconds or when the bell is closed, whatever rings: for times when rings lead nowhere. */
  pause(ms: number): Promise<void>;
  /** Ends waits and pauses, now and from now on. */
  close(): void;
}

/** Remembers a ring that comes while nobody waits; any number of rings are one. */
export function createBell(): Bell {
  let rung = false;
  let closed = false;
  let wake: (() => void) | undefined;
  let wakesOnRing = false;

  async function sleep(ms: number, onRing: boolean): Promise<void> {
    if (closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    [wake, wakesOnRing] = [resolve, onRing];
    await promise;
    wake = undefined;
    clearTimeout(timer);
  }

  return {
    ring() {
      rung = true;
      if (wakesOnRing) wake?.();
    },
    async wait(ms) {
      if (!rung) await sleep(ms, true);
      rung = false;
    },
    pause: (ms) => sleep(ms, false),
    close() {
      closed = true;
      wake?.();
    },
  };
}
