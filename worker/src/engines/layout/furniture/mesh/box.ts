import type { Vec3 } from '../../geometry/camera.ts';
import { at, type Part, steps, unit, type Warp } from './part.ts';

export interface BoxOptions {
  /** Radius of all edges, metres. */
  readonly round?: number;
  /** Segments of a quarter turn, an even number. */
  readonly bevel?: number;
  /** Segments along x, y and z between the edges. */
  readonly grid?: Vec3;
  /** Along which axis the grain runs; the longest when it is not said. */
  readonly grain?: 0 | 1 | 2;
  readonly warp?: Warp;
}

/** Where a line of the grid lies: in the flat of a face, and how far it leans over its edge (tangent of the angle). */
interface Line {
  readonly flat: number;
  readonly lean: number;
}

function lines(half: number, round: number, bevel: number, grid: number): Line[] {
  const inner = half - round;
  const count = bevel / 2;
  const leans = Array.from({ length: count }, (_, n) => Math.tan(((n + 1) * Math.PI) / (4 * count)));
  return [
    ...leans.toReversed().map((lean) => ({ flat: -inner, lean: -lean })),
    ...steps(-inner, inner, grid).map((flat) => ({ flat, lean: 0 })),
    ...leans.map((lean) => ({ flat: inner, lean })),
  ];
}

/** A box with round edges that stands on y = 0 about the y axis. */
export function box(x: number, y: number, z: number, options: BoxOptions = {}): Part {
  const half = [x / 2, y / 2, z / 2] as const;
  const round = Math.min(options.round ?? 0.004, ...half.map((side) => side * 0.98));
  const bevel = options.bevel ?? 2;
  const grid = options.grid ?? [1, 1, 1];
  const grain = options.grain ?? ([0, 1, 2] as const).reduce((a, b) => (half[b] > half[a] ? b : a));
  const part: Part = { positions: [], uvs: [], triangles: [] };
  for (const axis of [0, 1, 2] as const) {
    const [a, b] = axis === 0 ? ([1, 2] as const) : axis === 1 ? ([2, 0] as const) : ([0, 1] as const);
    const along = grain === b ? b : a;
    const across = along === a ? b : a;
    const rows = lines(half[a], round, bevel, grid[a]);
    const columns = lines(half[b], round, bevel, grid[b]);
    for (const side of [-1, 1]) {
      const first = part.positions.length;
      for (const row of rows)
        for (const column of columns) {
          const lean: [number, number, number] = [0, 0, 0];
          lean[axis] = side;
          lean[a] = row.lean;
          lean[b] = column.lean;
          const out = unit(lean);
          const place: [number, number, number] = [0, 0, 0];
          place[axis] = side * (half[axis] - round) + round * out[axis];
          place[a] = row.flat + round * out[a];
          place[b] = column.flat + round * out[b];
          part.uvs.push([place[along], place[across] + side * 0.37 + axis * 0.71]);
          place[1] += half[1];
          part.positions.push(options.warp ? options.warp(place) : place);
        }
      const width = columns.length;
      for (let r = 0; r + 1 < rows.length; r += 1)
        for (let c = 0; c + 1 < width; c += 1) {
          const [p, q] = [first + r * width + c, first + (r + 1) * width + c];
          if (side > 0) part.triangles.push([p, q, q + 1], [p, q + 1, p + 1]);
          else part.triangles.push([p, q + 1, q], [p, p + 1, q + 1]);
        }
    }
  }
  return part;
}

/** A closed line round a rectangle with round corners, in the plane y = `level`, for piping. */
export function outline(x: number, z: number, round: number, level: number, corner = 4): Vec3[] {
  const turns = steps(0, Math.PI / 2, corner);
  const corners = [
    [x / 2 - round, z / 2 - round, 0],
    [round - x / 2, z / 2 - round, Math.PI / 2],
    [round - x / 2, round - z / 2, Math.PI],
    [x / 2 - round, round - z / 2, 1.5 * Math.PI],
  ] as const;
  const bent = corners.flatMap(([cx, cz, from]) =>
    turns.map(
      (angle): Vec3 => [cx + round * Math.cos(from + angle), level, cz + round * Math.sin(from + angle)],
    ),
  );
  // Straight sides get points of their own, so that a warp bends them too.
  return bent.flatMap((point, n) => {
    const next = at(bent, (n + 1) % bent.length);
    const far = Math.hypot(next[0] - point[0], next[2] - point[2]);
    const count = far > 2.5 * round ? Math.max(1, Math.min(10, Math.round(far / 0.07))) : 1;
    return Array.from(
      { length: count },
      (_, k): Vec3 => [
        point[0] + ((next[0] - point[0]) * k) / count,
        level,
        point[2] + ((next[2] - point[2]) * k) / count,
      ],
    );
  });
}
