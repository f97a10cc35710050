import type { Material, Mesh, Placed } from '../scene/types.ts';
import { f32, u32 } from './kernel/at.ts';
import { buildBvh } from './kernel/bvh.ts';
import { createKernel, type Kernel } from './kernel/kernel.ts';
import { meanAlbedo, type Surface } from './surface/surface.ts';
import type { Frame, View } from './view.ts';

export interface Piece {
  readonly mesh: Mesh;
  readonly placed: Placed;
}

/** A box in the room, metres. */
export interface Box {
  readonly low: readonly [number, number, number];
  readonly high: readonly [number, number, number];
}

/** All pieces where they stand. */
export class Scene {
  readonly kernel: Kernel;
  readonly boxes: readonly Box[];
  readonly positions: Float32Array;
  readonly triangles: Uint32Array;
  readonly materials: readonly Material[];
  /** Three numbers a material. */
  readonly albedos: Float64Array;
  readonly #normals: Float32Array;
  readonly #uvs: Float32Array;
  /** Index of its material for each triangle. */
  readonly #parts: Uint16Array;
  readonly #seeds: Int32Array;
  /** Two numbers a material: the greatest of its uvs. */
  readonly #spans: Float64Array;

  constructor(pieces: readonly Piece[], makeKernel: typeof createKernel = createKernel) {
    const vertices = pieces.reduce((sum, { mesh }) => sum + mesh.positions.length / 3, 0);
    const triangles = pieces.reduce((sum, { mesh }) => sum + mesh.triangles.length / 3, 0);
    this.positions = new Float32Array(3 * vertices);
    this.#normals = new Float32Array(3 * vertices);
    this.#uvs = new Float32Array(2 * vertices);
    this.triangles = new Uint32Array(3 * triangles);
    this.#parts = new Uint16Array(triangles);
    this.materials = pieces.flatMap(({ mesh }) => mesh.materials);
    this.#seeds = Int32Array.from(
      pieces.flatMap(({ mesh, placed }) => mesh.materials.map((_, n) => placed.seed + 17 * n)),
    );
    this.albedos = Float64Array.from(this.materials.flatMap(meanAlbedo));
    let vertex = 0;
    let triangle = 0;
    let material = 0;
    this.boxes = pieces.map(({ mesh, placed }) => {
      turn(mesh.positions, placed.turn, this.positions, 3 * vertex, placed.at[0], placed.lift, placed.at[1]);
      turn(mesh.normals, placed.turn, this.#normals, 3 * vertex, 0, 0, 0);
      this.#uvs.set(mesh.uvs, 2 * vertex);
      for (let n = 0; n < mesh.triangles.length; n += 1)
        this.triangles[3 * triangle + n] = u32(mesh.triangles, n) + vertex;
      for (let n = 0; n < mesh.parts.length; n += 1)
        this.#parts[triangle + n] = (mesh.parts[n] as number) + material;
      const box = boxOf(this.positions, 3 * vertex, mesh.positions.length);
      vertex += mesh.positions.length / 3;
      triangle += mesh.triangles.length / 3;
      material += mesh.materials.length;
      return box;
    });
    this.#spans = this.#measureSpans();
    const clear = (n: number) => this.materialOf(n).kind === 'glass';
    this.kernel = makeKernel(buildBvh(this.positions, this.triangles, clear));
  }

  #measureSpans(): Float64Array {
    const spans = new Float64Array(2 * this.materials.length).fill(1e-3);
    for (let n = 0; n < this.triangles.length; n += 1) {
      const vertex = 2 * u32(this.triangles, n);
      const part = 2 * this.partOf(Math.floor(n / 3));
      spans[part] = Math.max(spans[part] as number, f32(this.#uvs, vertex));
      spans[part + 1] = Math.max(spans[part + 1] as number, f32(this.#uvs, vertex + 1));
    }
    return spans;
  }

  materialOf(triangle: number): Material {
    return this.materials[this.#parts[triangle] as number] as Material;
  }

  /** Index into `materials`. */
  partOf(triangle: number): number {
    return this.#parts[triangle] as number;
  }

  /** Place, normal and pattern of the kernel's last hit, which was of this triangle and along this ray. */
  resolve(
    s: Surface,
    triangle: number,
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
  ) {
    const t = f32(this.kernel.hit, 0);
    const w1 = f32(this.kernel.hit, 1);
    const w2 = f32(this.kernel.hit, 2);
    const w0 = 1 - w1 - w2;
    const a = u32(this.triangles, 3 * triangle);
    const b = u32(this.triangles, 3 * triangle + 1);
    const c = u32(this.triangles, 3 * triangle + 2);
    s.x = ox + t * dx;
    s.y = oy + t * dy;
    s.z = oz + t * dz;
    const n = this.#normals;
    const nx = w0 * f32(n, 3 * a) + w1 * f32(n, 3 * b) + w2 * f32(n, 3 * c);
    const ny = w0 * f32(n, 3 * a + 1) + w1 * f32(n, 3 * b + 1) + w2 * f32(n, 3 * c + 1);
    const nz = w0 * f32(n, 3 * a + 2) + w1 * f32(n, 3 * b + 2) + w2 * f32(n, 3 * c + 2);
    s.orient(nx, ny, nz, this.#facing(a, b, c, nx, ny, nz, dx, dy, dz), dx, dy, dz);
    const uv = this.#uvs;
    s.u = w0 * f32(uv, 2 * a) + w1 * f32(uv, 2 * b) + w2 * f32(uv, 2 * c);
    s.v = w0 * f32(uv, 2 * a + 1) + w1 * f32(uv, 2 * b + 1) + w2 * f32(uv, 2 * c + 1);
    const part = this.partOf(triangle);
    s.seed = this.#seeds[part] as number;
    s.spanU = this.#spans[2 * part] as number;
    s.spanV = this.#spans[2 * part + 1] as number;
  }

  /** Whether a triangle shows its outside, which is where the normals of its corners point: 1 if so, else -1. */
  #facing(
    a: number,
    b: number,
    c: number,
    nx: number,
    ny: number,
    nz: number,
    dx: number,
    dy: number,
    dz: number,
  ): number {
    const p = this.positions;
    const x1 = f32(p, 3 * b) - f32(p, 3 * a);
    const y1 = f32(p, 3 * b + 1) - f32(p, 3 * a + 1);
    const z1 = f32(p, 3 * b + 2) - f32(p, 3 * a + 2);
    const x2 = f32(p, 3 * c) - f32(p, 3 * a);
    const y2 = f32(p, 3 * c + 1) - f32(p, 3 * a + 1);
    const z2 = f32(p, 3 * c + 2) - f32(p, 3 * a + 2);
    const gx = y1 * z2 - z1 * y2;
    const gy = z1 * x2 - x1 * z2;
    const gz = x1 * y2 - y1 * x2;
    return (gx * nx + gy * ny + gz * nz) * (gx * dx + gy * dy + gz * dz) <= 0 ? 1 : -1;
  }
}

/** A piece is made with its front towards -z; its front comes to look where `angle` says. */
function turn(
  from: Float32Array,
  angle: number,
  to: Float32Array,
  start: number,
  x: number,
  y: number,
  z: number,
): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  for (let n = 0; n < from.length; n += 3) {
    const [px, pz] = [f32(from, n), f32(from, n + 2)];
    to[start + n] = x + px * cos - pz * sin;
    to[start + n + 1] = y + f32(from, n + 1);
    to[start + n + 2] = z + px * sin + pz * cos;
  }
}

function boxOf(positions: Float32Array, start: number, length: number): Box {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let n = 0; n < length; n += 1) {
    const axis = n % 3;
    const value = f32(positions, start + n);
    low[axis] = Math.min(low[axis] ?? value, value);
    high[axis] = Math.max(high[axis] ?? value, value);
  }
  return { low, high };
}

/** The part of the picture that boxes lie in. */
export function frameOf(boxes: readonly Box[], view: View): Frame {
  let frame: Frame = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { low, high } of boxes) {
    for (let corner = 0; corner < 8; corner += 1) {
      const x = corner & 1 ? high[0] : low[0];
      const y = corner & 2 ? high[1] : low[1];
      const z = corner & 4 ? high[2] : low[2];
      // A corner behind the camera: the box may be anywhere in the picture.
      if (!view.project(x, y, z)) frame = [0, 0, view.width, view.height];
      else {
        const [left, top, right, bottom] = frame;
        frame = [
          Math.min(left, view.u),
          Math.min(top, view.v),
          Math.max(right, view.u),
          Math.max(bottom, view.v),
        ];
      }
    }
  }
  const [left, top, right, bottom] = frame;
  return [
    Math.max(0, Math.floor(left) - 3),
    Math.max(0, Math.floor(top) - 3),
    Math.min(view.width, Math.ceil(right) + 3),
    Math.min(view.height, Math.ceil(bottom) + 3),
  ];
}
