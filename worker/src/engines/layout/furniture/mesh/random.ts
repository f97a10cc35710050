/** Numbers that look random and follow from a seed alone. */
export interface Random {
  /** 0 to 1. */
  next(): number;
  between(least: number, most: number): number;
  /** A whole number from 0 to `count - 1`. */
  below(count: number): number;
  pick<T>(choices: readonly [T, ...T[]]): T;
}

export function random(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (count: number) => Math.min(count - 1, Math.floor(next() * count));
  return {
    next,
    between: (least, most) => least + (most - least) * next(),
    below,
    pick: (choices) => choices[below(choices.length)] ?? choices[0],
  };
}

function lattice(x: number, y: number, z: number, seed: number): number {
  let hash = Math.imul(x, 0x27d4eb2d) ^ Math.imul(y, 0x165667b1) ^ Math.imul(z, 0x1b873593) ^ seed;
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2147483648 - 1;
}

/** Smooth in space, -1 to 1, with one hill or hollow about every unit. */
export function noise(x: number, y: number, z: number, seed: number): number {
  const [ix, iy, iz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
  const ease = (t: number) => t * t * (3 - 2 * t);
  const [fx, fy, fz] = [ease(x - ix), ease(y - iy), ease(z - iz)];
  const mix = (a: number, b: number, t: number) => a + (b - a) * t;
  const row = (dy: number, dz: number) =>
    mix(lattice(ix, iy + dy, iz + dz, seed), lattice(ix + 1, iy + dy, iz + dz, seed), fx);
  return mix(mix(row(0, 0), row(1, 0), fy), mix(row(0, 1), row(1, 1), fy), fz);
}
