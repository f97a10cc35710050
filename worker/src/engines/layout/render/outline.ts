/** Where meshes lie in a picture, by projecting their triangles: shares no step with the ray tracer that it judges. */
import { axesOf, type Vec3 } from '../geometry/camera.ts';
import type { Mesh, Placed, Room } from '../scene/types.ts';

/** Metres before the camera. */
const NEAR = 0.02;

type Point = readonly [number, number];

/** 1 for each pixel that a triangle covers or has a corner in. */
export function outlineOf(
  room: Room,
  pieces: readonly { readonly mesh: Mesh; readonly placed: Placed }[],
  width: number,
  height: number,
): Uint8Array {
  const covered = new Uint8Array(width * height);
  const scale = width / room.width;
  const axes = axesOf(room);
  const toPixel = ([x, y, z]: Vec3): Point => [
    scale * (room.cx + (room.focal * x) / z),
    scale * (room.cy + (room.focal * y) / z),
  ];
  for (const { mesh, placed } of pieces) {
    const corners = toCamera(mesh.positions, placed, room.cameraHeight, axes);
    for (let n = 0; n < mesh.triangles.length; n += 3) {
      const triangle = [0, 1, 2].map((k) => corners[mesh.triangles[n + k] as number] as Vec3);
      const before = clip(triangle).map(toPixel);
      for (let k = 2; k < before.length; k += 1)
        fill(covered, width, height, [before[0] as Point, before[k - 1] as Point, before[k] as Point]);
    }
  }
  return covered;
}

function toCamera(
  positions: Float32Array,
  { at, turn, lift }: Placed,
  cameraHeight: number,
  { a, b, up }: ReturnType<typeof axesOf>,
): Vec3[] {
  const points: Vec3[] = [];
  // The front, -z of the mesh, looks along (sin, -cos) of the room.
  const front = [Math.sin(turn), -Math.cos(turn)] as const;
  for (let n = 0; n < positions.length; n += 3) {
    const [px, py, pz] = positions.subarray(n, n + 3) as unknown as Vec3;
    const x = at[0] - pz * front[0] - px * front[1];
    const z = at[1] - pz * front[1] + px * front[0];
    const y = py + lift - cameraHeight;
    const along = (k: 0 | 1 | 2) => x * b[k] + y * up[k] + z * a[k];
    points.push([along(0), along(1), along(2)]);
  }
  return points;
}

/** The part of a polygon before the camera. */
function clip(polygon: readonly Vec3[]): Vec3[] {
  return polygon.flatMap((point, n) => {
    const next = polygon[(n + 1) % polygon.length] as Vec3;
    const kept = point[2] >= NEAR ? [point] : [];
    if (point[2] >= NEAR === next[2] >= NEAR) return kept;
    const t = (NEAR - point[2]) / (next[2] - point[2]);
    const between = (k: 0 | 1 | 2) => point[k] + t * (next[k] - point[k]);
    return [...kept, [between(0), between(1), NEAR] as const];
  });
}

function fill(
  covered: Uint8Array,
  width: number,
  height: number,
  corners: readonly [Point, Point, Point],
): void {
  for (const [x, y] of corners)
    if (x >= 0 && y >= 0 && x < width && y < height) covered[Math.floor(y) * width + Math.floor(x)] = 1;
  const ys = corners.map(([, y]) => y);
  const first = Math.max(0, Math.ceil(Math.min(...ys) - 0.5));
  const last = Math.min(height - 1, Math.floor(Math.max(...ys) - 0.5));
  for (let row = first; row <= last; row += 1) {
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    corners.forEach(([x, y], n) => {
      const [x2, y2] = corners[(n + 1) % 3] as Point;
      if (y > row + 0.5 === y2 > row + 0.5) return;
      const at = x + ((row + 0.5 - y) / (y2 - y)) * (x2 - x);
      left = Math.min(left, at);
      right = Math.max(right, at);
    });
    const from = Math.max(0, Math.ceil(left - 0.5));
    const to = Math.min(width - 1, Math.floor(right - 0.5));
    if (from <= to) covered.fill(1, row * width + from, row * width + to + 1);
  }
}
