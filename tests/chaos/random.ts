import { hash } from 'node:crypto';

/** Numbers from 0 to 1. */
export type Random = () => number;

/** Numbers that a seed determines (mulberry32): a run that failed can be had again. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A sequence of its own for each purpose: what one draws, and how often, changes nothing for the others. */
export function randomFor(seed: number, purpose: string): Random {
  return createRandom(Number.parseInt(hash('sha256', `${seed} ${purpose}`, 'hex').slice(0, 8), 16));
}
