/** After so many the event, or report, waits for an operator. */
export const MAX_ATTEMPTS = 12;
const BASE_MS = 5_000;
const HOUR_MS = 60 * 60_000;

/**
 * When what failed is tried again, in milliseconds from now; null: not by itself. Full jitter above half of the delay:
 * what failed together does not come back together, and not at once. `random` gives 0 to 1.
 * @param attempts made so far, from 1
 */
export function retryDelay(attempts: number, random: () => number): number | null {
  if (attempts >= MAX_ATTEMPTS) return null;
  const ceiling = Math.min(HOUR_MS, BASE_MS * 2 ** (attempts - 1));
  return ceiling * (0.5 + random() / 2);
}

const DAY_MS = 24 * HOUR_MS;

/**
 * Until an event of a customer whom nobody knows is looked at again, in milliseconds: every hour at first, and later once
 * a day, as most such customers are of another shop with the same account at Stripe.
 * @param age since it came, in milliseconds
 */
export function unknownDelay(age: number): number {
  return Math.min(DAY_MS, Math.max(HOUR_MS, age / 4));
}
