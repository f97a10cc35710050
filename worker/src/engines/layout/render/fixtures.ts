/** For tests and benchmarks: rooms of known measure and furniture of rounded boxes. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { z } from 'zod';
import type { Material, Mesh, Placed, Room } from '../scene/types.ts';
import type { Photo } from './coarse.ts';
import type { Piece } from './scene.ts';

const FOLDER = resolve(import.meta.dirname, '../../../../../examples/photos');
const DEGREE = Math.PI / 180;

const Camera = z.object({
  width: z.number(),
  height: z.number(),
  focal_px: z.number(),
  principal_point: z.tuple([z.number(), z.number()]),
  position_m: z.tuple([z.number(), z.number(), z.number()]),
  yaw_deg: z.number(),
  pitch_deg: z.number(),
  roll_deg: z.number(),
  room_size_m: z.tuple([z.number(), z.number(), z.number()]),
  openings_m: z.array(
    z.object({
      side: z.enum(['south', 'east', 'north', 'west']),
      kind: z.string(),
      at: z.number(),
      width: z.number(),
      bottom: z.number(),
      height: z.number(),
    }),
  ),
});

/** A room of examples/photos with its floor and walls as they were built. @param name without the ending */
export function exampleRoom(name: string): Room {
  const known = Camera.parse(JSON.parse(readFileSync(join(FOLDER, `${name}.camera.json`), 'utf8')));
  const [x, y, eye] = known.position_m;
  const [wide, deep, height] = known.room_size_m;
  const corners = [
    [-x, -y],
    [wide - x, -y],
    [wide - x, deep - y],
    [-x, deep - y],
  ] as const;
  const sides = ['south', 'east', 'north', 'west'] as const;
  return {
    width: known.width,
    height: known.height,
    focal: known.focal_px,
    cx: known.principal_point[0],
    cy: known.principal_point[1],
    pitch: known.pitch_deg * DEGREE,
    roll: known.roll_deg * DEGREE,
    yaw: known.yaw_deg * DEGREE,
    cameraHeight: eye,
    floor: corners,
    walls: corners.map((from, n) => ({ from, to: corners[(n + 1) % 4] ?? from, height, confidence: 1 })),
    openings: known.openings_m.map(({ side, kind, at, width, bottom, height: tall }) => {
      const wall = sides.indexOf(side);
      // Measured from the west or the south; the ways of the north and west wall run against that.
      const length = wall % 2 === 0 ? wide : deep;
      const start = wall < 2 ? at : length - at - width;
      return {
        kind: kind === 'door' ? 'door' : 'window',
        wall,
        start,
        end: start + width,
        bottom,
        top: bottom + tall,
        confidence: 1,
      } as const;
    }),
    keepOuts: [],
    floorConfidence: 1,
  };
}

export async function examplePhoto(name: string, width?: number): Promise<Photo> {
  return loadPhoto(join(FOLDER, `${name}.jpg`), width);
}

export async function loadPhoto(path: string, width?: number): Promise<Photo> {
  const { data, info } = await sharp(path)
    .rotate()
    .resize(width ?? null)
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

export interface Block {
  readonly middle: readonly [number, number, number];
  readonly size: readonly [number, number, number];
  readonly round: number;
  readonly material: Material;
}

/** Boxes with rounded edges as one mesh. @param fine quads along each side of a face */
export function blocks(parts: readonly Block[], fine = 10): Mesh {
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const triangles: number[] = [];
  const owners: number[] = [];
  parts.forEach(({ middle, size, round }, owner) => {
    for (let face = 0; face < 6; face += 1) {
      const axis = face >> 1;
      const sign = face & 1 ? 1 : -1;
      const start = positions.length / 3;
      for (let j = 0; j <= fine; j += 1)
        for (let i = 0; i <= fine; i += 1) {
          const cube = [0, 0, 0];
          cube[axis] = sign;
          cube[(axis + 1) % 3] = warp((2 * i) / fine - 1);
          cube[(axis + 2) % 3] = warp((2 * j) / fine - 1);
          const half = size.map((length) => length / 2);
          const inner = half.map((h, k) => (cube[k] ?? 0) * h);
          const held = inner.map((p, k) =>
            Math.min((half[k] ?? 0) - round, Math.max(round - (half[k] ?? 0), p)),
          );
          const out = inner.map((p, k) => p - (held[k] ?? 0));
          const length = Math.hypot(...out);
          for (let k = 0; k < 3; k += 1) {
            const normal = (out[k] ?? 0) / length;
            normals.push(normal);
            positions.push((middle[k] ?? 0) + (held[k] ?? 0) + round * normal);
          }
          uvs.push(inner[(axis + 1) % 3] ?? 0, inner[(axis + 2) % 3] ?? 0);
        }
      for (let j = 0; j < fine; j += 1)
        for (let i = 0; i < fine; i += 1) {
          const a = start + j * (fine + 1) + i;
          const b = a + fine + 1;
          triangles.push(a, a + 1, b, a + 1, b + 1, b);
          owners.push(owner, owner);
        }
    }
  });
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uvs: Float32Array.from(uvs),
    triangles: Uint32Array.from(triangles),
    parts: Uint16Array.from(owners),
    materials: parts.map(({ material }) => material),
  };
}

/** More lines near the edges, where a block is round. */
function warp(t: number): number {
  return Math.sign(t) * (1 - (1 - Math.abs(t)) ** 1.8);
}

const wool: Material = { kind: 'fabric', albedo: [0.36, 0.36, 0.34], weave: 'wool' };
const mustard: Material = { kind: 'fabric', albedo: [0.55, 0.33, 0.07], weave: 'velvet' };
const ash: Material = { kind: 'wood', albedo: [0.5, 0.32, 0.16], grain: [0.3, 0.17, 0.07], roughness: 0.35 };
const ceramic: Material = { kind: 'ceramic', albedo: [0.7, 0.68, 0.62], roughness: 0.12 };

function place(kind: string, mesh: Mesh, at: Placed['at'], turn: number, lift = 0): Piece {
  return { mesh, placed: { kind, at, turn, size: [1, 1, 1], lift, seed: kind.length } };
}

export function sofa(at: Placed['at'], turn: number, fine?: number): Piece {
  const soft = (middle: Block['middle'], size: Block['size'], round = 0.06): Block => ({
    middle,
    size,
    round,
    material: wool,
  });
  const leg = (x: number, z: number): Block => ({
    middle: [x, 0.07, z],
    size: [0.05, 0.14, 0.05],
    round: 0.01,
    material: ash,
  });
  const mesh = blocks(
    [
      soft([0, 0.24, 0], [1.9, 0.2, 0.85]),
      soft([-0.42, 0.4, -0.05], [0.82, 0.16, 0.72]),
      soft([0.42, 0.4, -0.05], [0.82, 0.16, 0.72]),
      soft([0, 0.52, 0.36], [1.9, 0.6, 0.2], 0.09),
      soft([-0.9, 0.42, 0], [0.18, 0.42, 0.86], 0.08),
      soft([0.9, 0.42, 0], [0.18, 0.42, 0.86], 0.08),
      { middle: [-0.55, 0.6, 0.16], size: [0.44, 0.4, 0.14], round: 0.065, material: mustard },
      leg(-0.85, -0.36),
      leg(0.85, -0.36),
      leg(-0.85, 0.36),
      leg(0.85, 0.36),
    ],
    fine,
  );
  return place('sofa', mesh, at, turn);
}

export function table(at: Placed['at'], turn: number, fine?: number): Piece {
  const leg = (x: number, z: number): Block => ({
    middle: [x, 0.19, z],
    size: [0.045, 0.38, 0.045],
    round: 0.012,
    material: ash,
  });
  const mesh = blocks(
    [
      { middle: [0, 0.39, 0], size: [1.1, 0.04, 0.6], round: 0.008, material: ash },
      leg(-0.48, -0.24),
      leg(0.48, -0.24),
      leg(-0.48, 0.24),
      leg(0.48, 0.24),
      { middle: [0.2, 0.46, 0.05], size: [0.22, 0.1, 0.22], round: 0.049, material: ceramic },
    ],
    fine,
  );
  return place('table', mesh, at, turn);
}

export function rug(at: Placed['at'], turn: number): Piece {
  const material: Material = {
    kind: 'rug',
    albedo: [0.62, 0.56, 0.46],
    second: [0.22, 0.2, 0.18],
    pattern: 'lattice',
  };
  return place(
    'rug',
    blocks([{ middle: [0, 0.008, 0], size: [2.4, 0.016, 1.7], round: 0.007, material }]),
    at,
    turn,
  );
}
