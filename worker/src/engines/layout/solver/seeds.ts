import type { Placed } from '../scene/types.ts';

/** A multiple of the number of motifs of pictures. */
const SERIES = 12;

/**
 * Pieces with seeds of their own. What is bought as a set looks alike: chairs of a table, lamps of a bed, to the last fold;
 * pictures in a row are different sheets of one series.
 */
export function seeded(pieces: readonly Placed[], fresh: (nth: number) => number): Placed[] {
  const done: Placed[] = [];
  for (const [n, piece] of pieces.entries()) {
    const seed = fresh(n);
    const twin = done.find(({ kind, size }) => kind === piece.kind && String(size) === String(piece.size));
    if (!twin) done.push({ ...piece, seed });
    else if (piece.kind !== 'framed_art') done.push({ ...piece, seed: twin.seed });
    else done.push({ ...piece, seed: seed - (seed % SERIES) + (twin.seed % SERIES) });
  }
  return done;
}
