import type { Rgb, Room } from '../scene/types.ts';
import type { Coarse } from './coarse.ts';
import { steer } from './kernel/kernel.ts';
import { BEYOND, type Shell, WALL } from './shell.ts';
import { smooth } from './surface/noise.ts';
import type { View } from './view.ts';

/** Daylight through a window: a little warmer than neutral, whatever the walls are painted. */
const DAYLIGHT: Rgb = [1, 0.98, 0.94];
/** Share of the picture's cells that a blown-out blob must have to be a window. */
const BLOB = 0.004;
const MOST = 4;
/** Form factor that a point of a light has at most. */
const SPARK = 1.2;

/** A rectangle that shines to one side, alike in all directions. Metres. */
export interface Light {
  readonly corner: readonly [number, number, number];
  readonly across: readonly [number, number, number];
  readonly up: readonly [number, number, number];
  readonly normal: readonly [number, number, number];
  readonly area: number;
  readonly colour: Rgb;
  /** In the picture, rather than supposed behind the camera. */
  readonly seen: boolean;
}

/** Windows: what is blown out on a wall, as rectangles on that wall. */
export function findWindows(coarse: Coarse, view: View, shell: Shell): Light[] {
  const lights: Light[] = [];
  for (const blob of blobs(coarse)) {
    const places = new Map<
      string,
      { x: number; z: number; nx: number; nz: number; s: number[]; y: number[] }
    >();
    for (const n of blob) {
      view.aim(((n % coarse.width) + 0.5) * coarse.cell, (Math.floor(n / coarse.width) + 0.5) * coarse.cell);
      const t = shell.hit(0, view.eye, 0, view.x, view.y, view.z);
      if (shell.surface !== BEYOND && shell.surface < WALL) continue;
      const { nx, nz } = shell;
      const key = `${shell.surface} ${nx} ${nz}`;
      const [x, z] = [t * view.x, t * view.z];
      const place = places.get(key) ?? { x, z, nx, nz, s: [], y: [] };
      // Along the wall: to the right as seen from the room.
      place.s.push((x - place.x) * nz - (z - place.z) * nx);
      place.y.push(view.eye + t * view.y);
      places.set(key, place);
    }
    for (const { x, z, nx, nz, s, y } of places.values()) {
      if (s.length < 0.5 * BLOB * coarse.width * coarse.height) continue;
      const [s0, s1, y0, y1] = [share(s, 0.04), share(s, 0.96), share(y, 0.04), share(y, 0.96)];
      const [width, height] = [s1 - s0, y1 - y0];
      if (width < 0.2 || height < 0.2 || width * height > 14) continue;
      lights.push({
        corner: [x + s0 * nz + 0.01 * nx, y0, z - s0 * nx + 0.01 * nz],
        across: [width * nz, 0, -width * nx],
        up: [0, height, 0],
        normal: [nx, 0, nz],
        area: width * height,
        colour: DAYLIGHT,
        seen: true,
      });
    }
  }
  return lights.toSorted((a, b) => b.area - a.area).slice(0, MOST);
}

/** Where a window may be that is not in the picture: behind the camera, in its middle or to a side, or overhead. */
export function supposeWindows({ cameraHeight }: Room, { box: [x0, x1, z0], height }: Shell): Light[] {
  const lamp = (
    corner: Light['corner'],
    across: Light['across'],
    up: Light['up'],
    normal: Light['normal'],
  ) => ({
    corner,
    across,
    up,
    normal,
    area: Math.hypot(...across) * Math.hypot(...up),
    colour: DAYLIGHT,
    seen: false,
  });
  const low = Math.max(0.5, cameraHeight - 0.7);
  const tall = Math.min(1.6, height - 0.2 - low);
  const behind = (middle: number) =>
    lamp([middle - 1.3, low, z0 + 0.02], [2.6, 0, 0], [0, tall, 0], [0, 0, 1]);
  return [
    behind((x0 + x1) / 2),
    behind(x0 + 1.3),
    behind(x1 - 1.3),
    lamp([x0 + 0.02, low, z0 + 0.3], [0, 0, 2.2], [0, tall, 0], [1, 0, 0]),
    lamp([x1 - 0.02, low, z0 + 0.3], [0, 0, 2.2], [0, tall, 0], [-1, 0, 0]),
    lamp([(x0 + x1) / 2 - 1, height - 0.02, 0.5], [2, 0, 0], [0, 0, 2], [0, -1, 0]),
  ];
}

/** Draws points of lights, the larger ones more often. */
export class Lamps {
  readonly lights: readonly Light[];
  /** Point and, of the last `draw`, direction to it from the place asked about, metres to it, and its form factor. */
  x = 0;
  y = 0;
  z = 0;
  distance = 0;
  weight = 0;
  colour: Rgb = DAYLIGHT;
  readonly #total: number;

  constructor(lights: readonly Light[]) {
    this.lights = lights;
    this.#total = lights.reduce((sum, { area }) => sum + area, 0);
  }

  /**
   * A point of a light as seen from a place with a normal.
   * @returns false when nothing comes from it; `weight` times the light's radiance is irradiance over pi otherwise
   */
  draw(
    px: number,
    py: number,
    pz: number,
    nx: number,
    ny: number,
    nz: number,
    u: number,
    v: number,
  ): boolean {
    let pick = u * this.#total;
    for (const { area, corner, across, up, normal, colour } of this.lights) {
      if (pick >= area) {
        pick -= area;
        continue;
      }
      const s = pick / area;
      const dx = corner[0] + s * across[0] + v * up[0] - px;
      const dy = corner[1] + s * across[1] + v * up[1] - py;
      const dz = corner[2] + s * across[2] + v * up[2] - pz;
      const distance = Math.sqrt(dx * dx + dy * dy + dz * dz);
      const here = (dx * nx + dy * ny + dz * nz) / distance;
      const there = -(dx * normal[0] + dy * normal[1] + dz * normal[2]) / distance;
      if (here <= 0 || there <= 0) return false;
      this.x = steer(dx / distance);
      this.y = steer(dy / distance);
      this.z = steer(dz / distance);
      this.distance = distance;
      // All points together weigh 1 at most: one that is very near would shine like a spark.
      this.weight = Math.min(SPARK, (here * there * this.#total) / (Math.PI * distance * distance));
      this.colour = colour;
      return true;
    }
    return false;
  }

  /**
   * Share of what a surface mirrors about a direction that a light fills; `colour` is then the light's. Smooth, so that
   * no few rays have to find the border of a window.
   * @param far where the room ends that way @param spread how wide a metre away is what the surface mirrors, metres
   */
  mirrored(
    ox: number,
    oy: number,
    oz: number,
    dx: number,
    dy: number,
    dz: number,
    far: number,
    spread: number,
  ): number {
    let most = 0;
    for (const { corner, across, up, normal, colour } of this.lights) {
      const facing = dx * normal[0] + dy * normal[1] + dz * normal[2];
      if (facing >= 0) continue;
      const [x, y, z] = [corner[0] - ox, corner[1] - oy, corner[2] - oz];
      const t = (x * normal[0] + y * normal[1] + z * normal[2]) / facing;
      if (t <= 0 || t > 1.1 * far + 0.1) continue;
      const blur = spread * t;
      const share =
        within(t * dx - x, t * dy - y, t * dz - z, across, blur) *
        within(t * dx - x, t * dy - y, t * dz - z, up, blur);
      if (share <= most) continue;
      most = share;
      this.colour = colour;
    }
    return most;
  }
}

/** Share of what lies this near to a place that lies within the side of a rectangle. */
function within(
  x: number,
  y: number,
  z: number,
  [ex, ey, ez]: readonly [number, number, number],
  blur: number,
): number {
  const length = Math.sqrt(ex * ex + ey * ey + ez * ez);
  const at = (x * ex + y * ey + z * ez) / length;
  return smooth(-blur, blur, at) - smooth(length - blur, length + blur, at);
}

function share(values: readonly number[], at: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(at * (sorted.length - 1))] ?? 0;
}

/** Cells that are mostly blown out and touch each other. */
function blobs({ width, height, clipped }: Coarse): number[][] {
  const seen = new Uint8Array(width * height);
  const found: number[][] = [];
  for (let start = 0; start < seen.length; start += 1) {
    if (seen[start] || (clipped[start] as number) < 0.5) continue;
    const blob = [start];
    seen[start] = 1;
    for (let k = 0; k < blob.length; k += 1) {
      const n = blob[k] as number;
      const x = n % width;
      for (const next of [x > 0 ? n - 1 : -1, x < width - 1 ? n + 1 : -1, n - width, n + width]) {
        if (next < 0 || next >= seen.length || seen[next] || (clipped[next] as number) < 0.5) continue;
        seen[next] = 1;
        blob.push(next);
      }
    }
    if (blob.length >= BLOB * width * height) found.push(blob);
  }
  return found;
}
