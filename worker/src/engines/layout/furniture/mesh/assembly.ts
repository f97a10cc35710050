import type { Vec3 } from '../../geometry/camera.ts';
import type { Material, Mesh } from '../../scene/types.ts';
import { add, at, cross, dot, type Part, size, subtract, unit } from './part.ts';

interface Item {
  readonly part: Part;
  readonly material: Material;
  /** Edges sharper than this stay sharp: cosine of the angle. */
  readonly crease: number;
}

/** Degrees; edges of bevelled boxes and round things are softer. */
const SMOOTH = 65;
/** Points nearer than this are one, metres. */
const WELD = 4e-5;

/** Parts of a piece on their way to one mesh. */
export class Assembly {
  readonly #items: Item[] = [];

  add(material: Material, ...parts: readonly Part[]): this {
    for (const part of parts)
      this.#items.push({ part: outwards(part), material, crease: Math.cos((SMOOTH * Math.PI) / 180) });
    return this;
  }

  /** What was added, to be placed within another piece. */
  parts(): readonly { readonly part: Part; readonly material: Material }[] {
    return this.#items;
  }

  /** The mesh, brought to exactly this width, depth and height: it stands on y = 0 about the y axis. */
  build([width, depth, height]: Vec3): Mesh {
    const { least, most } = bounds(this.#items.map(({ part }) => part));
    const goal: Vec3 = [width, height, depth];
    const factor = ([0, 1, 2] as const).map((axis) => goal[axis] / Math.max(1e-9, most[axis] - least[axis]));
    const start: Vec3 = [-width / 2, 0, -depth / 2];
    const fit = (p: Vec3): Vec3 => [
      start[0] + (p[0] - least[0]) * at(factor, 0),
      start[1] + (p[1] - least[1]) * at(factor, 1),
      start[2] + (p[2] - least[2]) * at(factor, 2),
    ];
    const out = {
      positions: [] as number[],
      normals: [] as number[],
      uvs: [] as number[],
      triangles: [] as number[],
      parts: [] as number[],
    };
    const materials: Material[] = [];
    for (const { part, material, crease } of this.#items) {
      if (!materials.includes(material)) materials.push(material);
      const number = materials.indexOf(material);
      const placed = { ...part, positions: part.positions.map(fit) };
      for (const corners of shaded(placed, crease, out)) {
        // The frame is left-handed: what turns counter-clockwise to the eye turns the other way in numbers.
        out.triangles.push(corners[0], corners[2], corners[1]);
        out.parts.push(number);
      }
    }
    return {
      positions: Float32Array.from(out.positions),
      normals: Float32Array.from(out.normals),
      uvs: Float32Array.from(out.uvs),
      triangles: Uint32Array.from(out.triangles),
      parts: Uint16Array.from(out.parts),
      materials,
    };
  }
}

function bounds(parts: readonly { readonly positions: readonly Vec3[] }[]): { least: Vec3; most: Vec3 } {
  const least: [number, number, number] = [Infinity, Infinity, Infinity];
  const most: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (const { positions } of parts)
    for (const p of positions)
      for (const axis of [0, 1, 2] as const) {
        least[axis] = Math.min(least[axis], p[axis]);
        most[axis] = Math.max(most[axis], p[axis]);
      }
  return { least, most };
}

/** The same surface with all triangles turned so that it encloses a volume, whichever way it was made. */
function outwards(part: Part): Part {
  const origin = at(part.positions, 0);
  const volume = part.triangles.reduce((sum, [a, b, c]) => {
    const [p, q, r] = [a, b, c].map((n) => subtract(at(part.positions, n), origin));
    return p && q && r ? sum + dot(p, cross(q, r)) : sum;
  }, 0);
  return volume >= 0 ? part : { ...part, triangles: part.triangles.map(([a, b, c]) => [a, c, b]) };
}

interface Growing {
  readonly positions: number[];
  readonly normals: number[];
  readonly uvs: number[];
}

/** Writes the vertices of a part with normals that are smooth across soft edges; gives its triangles. */
function shaded(part: Part, crease: number, out: Growing): [number, number, number][] {
  const points = weld(part.positions);
  const faces: { corners: [number, number, number]; normal: Vec3; area: Vec3 }[] = [];
  const around: number[][] = [];
  for (const corners of part.triangles) {
    const [a, b, c] = corners;
    if (points[a] === points[b] || points[b] === points[c] || points[a] === points[c]) continue;
    const p = at(part.positions, a);
    const area = cross(subtract(at(part.positions, b), p), subtract(at(part.positions, c), p));
    if (size(area) < 1e-12) continue;
    for (const n of corners) {
      const point = at(points, n);
      const list = around[point] ?? [];
      list.push(faces.length);
      around[point] = list;
    }
    faces.push({ corners, normal: unit(area), area });
  }
  const known: { normal: Vec3; index: number }[][] = [];
  return faces.map(({ corners, normal }) => {
    const vertex = (n: number): number => {
      let sum: Vec3 = [0, 0, 0];
      for (const f of around[at(points, n)] ?? []) {
        const other = at(faces, f);
        if (dot(other.normal, normal) >= crease) sum = add(sum, other.area);
      }
      const smooth = size(sum) > 0 ? unit(sum) : normal;
      const made = known[n] ?? [];
      known[n] = made;
      const same = made.find((vertex) => dot(vertex.normal, smooth) > 0.99999);
      if (same) return same.index;
      const index = out.positions.length / 3;
      out.positions.push(...at(part.positions, n));
      out.normals.push(...smooth);
      out.uvs.push(...at(part.uvs, n));
      made.push({ normal: smooth, index });
      return index;
    };
    return [vertex(corners[0]), vertex(corners[1]), vertex(corners[2])];
  });
}

/** For each position the number of the point that it shares with others at the same place. */
function weld(positions: readonly Vec3[]): number[] {
  const found = new Map<number, number>();
  const { least } = bounds([{ positions }]);
  return positions.map((p) => {
    // 17 bits each: pieces are smaller than 5 m.
    const [x, y, z] = ([0, 1, 2] as const).map((axis) => Math.round((p[axis] - least[axis]) / WELD));
    const key = ((x ?? 0) * 131072 + (y ?? 0)) * 131072 + (z ?? 0);
    const known = found.get(key);
    if (known !== undefined) return known;
    found.set(key, found.size);
    return found.size - 1;
  });
}
