/** Nearly always Stripe's word is there within two seconds; what takes longer is looked for ever more rarely. */
const FIRST_SECONDS = 2;
const GROWTH = 1.3;
const LONGEST_SECONDS = 20;
/** Some four minutes. */
const LOOKS_MAX = 18;
/** Some half a minute. */
const LOOKS_LONG = 7;

/** Seconds until the page looks again by itself, after so many looks; null: no more. */
export function secondsToLook(looks: number): number | null {
  if (looks >= LOOKS_MAX) return null;
  return Math.round(Math.min(LONGEST_SECONDS, FIRST_SECONDS * GROWTH ** looks));
}

/** Whether it takes longer than usual by now. */
export function isLong(looks: number): boolean {
  return looks >= LOOKS_LONG;
}
