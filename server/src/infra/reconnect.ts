const BASE_MS = 50;
const MAX_MS = 5_000;

/** Full jitter: a restarted server is not met by all processes at once. Milliseconds before try `attempt`, from 0. */
export function reconnectDelay(attempt: number, random: () => number): number {
  return random() * Math.min(MAX_MS, BASE_MS * 2 ** attempt);
}
