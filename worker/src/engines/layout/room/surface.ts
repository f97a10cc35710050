import { numberAt } from '../geometry/score.ts';

const TERMS = 6;
const ROUNDS = 4;
/** Of the median deviation; what deviates more is not the surface. */
const TRIM = 2.5;
/** Levels of 255. */
const SPREAD_MIN = 4;

export interface Sample {
  readonly x: number;
  readonly y: number;
  readonly value: number;
}

export interface Surface {
  at(x: number, y: number): number;
  /** Median deviation of the samples. */
  readonly spread: number;
}

/** How one colour of an even floor runs over it in the light of the room: a quadratic that ignores what is not floor. */
export function fitSurface(samples: readonly Sample[]): Surface | undefined {
  let kept = samples;
  let surface: Surface | undefined;
  for (let round = 0; round < ROUNDS; round += 1) {
    const coefficients = solve(kept);
    if (!coefficients) return surface;
    const at = (x: number, y: number) =>
      termsOf(x, y).reduce((sum, term, n) => sum + term * numberAt(coefficients, n), 0);
    const off = ({ x, y, value }: Sample) => Math.abs(value - at(x, y));
    const sorted = samples.map(off).toSorted((a, b) => a - b);
    const spread = Math.max(SPREAD_MIN, sorted[Math.floor(sorted.length / 2)] ?? 0);
    surface = { at, spread };
    kept = samples.filter((sample) => off(sample) < TRIM * spread);
  }
  return surface;
}

function termsOf(x: number, y: number): number[] {
  return [1, x, y, x * x, x * y, y * y];
}

/** Least squares by the normal equations, eliminated with pivots. */
function solve(samples: readonly Sample[]): Float64Array | undefined {
  if (samples.length < 4 * TERMS) return undefined;
  const rows = Array.from({ length: TERMS }, () => new Float64Array(TERMS + 1));
  for (const { x, y, value } of samples) {
    const terms = [...termsOf(x, y), value];
    for (const [i, row] of rows.entries())
      for (const [j, term] of terms.entries()) row[j] = numberAt(row, j) + (terms[i] ?? 0) * term;
  }
  for (let i = 0; i < TERMS; i += 1) {
    const pivot = rows
      .slice(i)
      .reduce((best, row) => (Math.abs(numberAt(row, i)) > Math.abs(numberAt(best, i)) ? row : best));
    if (Math.abs(numberAt(pivot, i)) < 1e-9) return undefined;
    rows[rows.indexOf(pivot)] = rows[i] ?? pivot;
    rows[i] = pivot;
    for (const row of rows) {
      if (row === pivot) continue;
      const share = numberAt(row, i) / numberAt(pivot, i);
      for (let j = i; j <= TERMS; j += 1) row[j] = numberAt(row, j) - share * numberAt(pivot, j);
    }
  }
  return Float64Array.from(rows, (row, i) => numberAt(row, TERMS) / numberAt(row, i));
}
