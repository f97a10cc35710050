import { blocks, exampleRoom, rug, sofa, table } from '../../worker/src/engines/layout/render/fixtures.ts';
import type { Piece } from '../../worker/src/engines/layout/render/scene.ts';

export const BENCH_PHOTO = '01-living-room';

export const benchRoom = () => exampleRoom(BENCH_PHOTO);

/** Quads along the sides of a box: as many triangles as bevels and cushions have. */
const FINE = 24;

/** Furniture on about so many percent of the picture. */
export function benchPieces(cover: string): Piece[] {
  if (cover === '15')
    return [sofa([-1.1, 4], 0.3, FINE), table([-0.8, 2.9], 0.3, FINE), rug([-0.9, 3.2], 0.3)];
  const cupboard: Piece = {
    mesh: blocks(
      [-0.45, 0.45].map((x) => ({
        middle: [x, 1.05, 0],
        size: [0.88, 2.1, 0.6],
        round: 0.01,
        material: { kind: 'wood', albedo: [0.42, 0.28, 0.15], grain: [0.25, 0.15, 0.07], roughness: 0.35 },
      })),
      FINE,
    ),
    placed: { kind: 'cupboard', at: [0.2, 4.6], turn: 0, size: [1.8, 2.1, 0.6], lift: 0, seed: 2 },
  };
  return [
    sofa([-0.9, 2.5], 0.3, FINE),
    sofa([-2.6, 3.1], 1.2, FINE),
    table([-1.5, 1.9], 0.3, FINE),
    rug([-0.9, 2.2], 0.3),
    cupboard,
  ];
}
