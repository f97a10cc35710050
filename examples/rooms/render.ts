import type { Camera } from './camera.ts';
import { rayThrough } from './camera.ts';
import { denoise } from './denoise.ts';
import { irradiance, outside, sunLight } from './light.ts';
import { createTracer, type Scene, type Tracer } from './scene.ts';
import { add, along, createRandom, dot, normalize, scale, sub, type Vec } from './vec.ts';

const FAR = 1e4;
/** Sub-samples a pixel and side: edges and textures. */
const SUB = 2;
/** The light is computed at a third of the size: it changes slowly, and what is sharp in it is added after. */
const LIGHT_SCALE = 3;
/** Mirrored directions for each look at a lacquered surface. */
const SHEEN_SAMPLES = 4;
/** Paths for a point that no point of the grid stands for, such as the edge of a batten. */
const EDGE_PATHS = 6;

export interface RenderOptions {
  /** Paths for each point of the light's grid. */
  readonly samples: number;
  readonly seed: number;
}

/** Linear picture, three numbers a pixel, row by row. */
export function render(scene: Scene, camera: Camera, options: RenderOptions): Float32Array {
  const tracer = createTracer(scene);
  const light = lightGrid(scene, tracer, camera, options);
  const random = createRandom(options.seed ^ 0x5bd1e995);
  const picture = new Float32Array(camera.width * camera.height * 3);
  for (let y = 0; y < camera.height; y += 1) {
    for (let x = 0; x < camera.width; x += 1) {
      let colour: Vec = [0, 0, 0];
      for (let s = 0; s < SUB * SUB; s += 1) {
        const px = x + ((s % SUB) + random()) / SUB;
        const py = y + (Math.floor(s / SUB) + random()) / SUB;
        colour = add(colour, look(scene, tracer, light, camera, px, py, random));
      }
      picture.set(scale(colour, 1 / (SUB * SUB)), (y * camera.width + x) * 3);
    }
  }
  return picture;
}

function look(
  scene: Scene,
  tracer: Tracer,
  light: LightGrid,
  camera: Camera,
  x: number,
  y: number,
  random: () => number,
): Vec {
  const d = normalize(rayThrough(camera, x, y));
  const hit = tracer.hit(camera.position, d, FAR);
  if (!hit) return outside(scene, d);
  const p = along(camera.position, d, hit.t - 1e-4);
  const albedo = hit.material.albedo(p, hit.normal);
  const falling = light.at(x / LIGHT_SCALE, y / LIGHT_SCALE, p, hit.normal, random);
  const sun = sunLight(scene, tracer, p, hit.normal, random);
  const diffuse: Vec = [
    albedo[0] * (falling[0] + sun),
    albedo[1] * (falling[1] + sun * 0.95),
    albedo[2] * (falling[2] + sun * 0.86),
  ];
  return hit.material.gloss > 0
    ? add(diffuse, sheen(scene, tracer, light, p, d, hit.normal, hit.material.gloss, random))
    : diffuse;
}

/** What a lacquered surface mirrors, blurred; most at a low angle (Schlick). */
function sheen(
  scene: Scene,
  tracer: Tracer,
  light: LightGrid,
  p: Vec,
  d: Vec,
  n: Vec,
  gloss: number,
  random: () => number,
): Vec {
  const facing = -dot(d, n);
  const share = gloss * (0.04 + 0.96 * (1 - facing) ** 5);
  if (share < 0.002) return [0, 0, 0];
  const mirrored = sub(d, scale(n, 2 * dot(d, n)));
  let sum: Vec = [0, 0, 0];
  for (let s = 0; s < SHEEN_SAMPLES; s += 1)
    sum = add(sum, mirror(scene, tracer, light, p, mirrored, n, gloss, random));
  return scale(sum, share / SHEEN_SAMPLES);
}

function mirror(
  scene: Scene,
  tracer: Tracer,
  light: LightGrid,
  p: Vec,
  direction: Vec,
  n: Vec,
  gloss: number,
  random: () => number,
): Vec {
  const blur = 0.13 * (1 - gloss * 0.5);
  const r = normalize(
    add(direction, [(random() - 0.5) * blur, (random() - 0.5) * blur, (random() - 0.5) * blur]),
  );
  if (dot(r, n) <= 0) return [0, 0, 0];
  const hit = tracer.hit(p, r, FAR);
  if (!hit) return outside(scene, r);
  const albedo = hit.material.albedo(along(p, r, hit.t), hit.normal);
  return [albedo[0] * light.mean[0], albedo[1] * light.mean[1], albedo[2] * light.mean[2]];
}

interface LightGrid {
  /** Light falling on a point with that normal, seen at a place of the grid. */
  at(x: number, y: number, p: Vec, n: Vec, random: () => number): Vec;
  readonly mean: Vec;
}

function lightGrid(
  scene: Scene,
  tracer: Tracer,
  camera: Camera,
  { samples, seed }: RenderOptions,
): LightGrid {
  const width = Math.ceil(camera.width / LIGHT_SCALE);
  const height = Math.ceil(camera.height / LIGHT_SCALE);
  const count = width * height;
  const values = new Float32Array(count * 3);
  const points = new Float32Array(count * 3);
  const normals = new Float32Array(count * 3);
  const random = createRandom(seed);
  for (let i = 0; i < count; i += 1) {
    const x = ((i % width) + 0.5) * LIGHT_SCALE;
    const y = (Math.floor(i / width) + 0.5) * LIGHT_SCALE;
    const d = normalize(rayThrough(camera, x, y));
    const hit = tracer.hit(camera.position, d, FAR);
    if (!hit) continue;
    const p = along(camera.position, d, hit.t - 1e-4);
    points.set(p, i * 3);
    normals.set(hit.normal, i * 3);
    let sum: Vec = [0, 0, 0];
    for (let s = 0; s < samples; s += 1) sum = add(sum, irradiance(scene, tracer, p, hit.normal, random));
    values.set(scale(sum, 1 / samples), i * 3);
  }
  const smooth = denoise({ values, points, normals, width, height });
  return {
    mean: meanOf(smooth, normals),
    at(x, y, p, n, more) {
      const near = lookUp(smooth, points, normals, width, height, x, y, p, n);
      if (near) return near;
      let sum: Vec = [0, 0, 0];
      for (let s = 0; s < EDGE_PATHS; s += 1) sum = add(sum, irradiance(scene, tracer, p, n, more));
      return scale(sum, 1 / EDGE_PATHS);
    },
  };
}

function meanOf(values: Float32Array, normals: Float32Array): Vec {
  const sum = [0, 0, 0];
  let count = 0;
  for (let i = 0; i < values.length; i += 3) {
    if (!normals[i] && !normals[i + 1] && !normals[i + 2]) continue;
    for (let c = 0; c < 3; c += 1) sum[c] = (sum[c] ?? 0) + (values[i + c] ?? 0);
    count += 1;
  }
  const [r = 0, g = 0, b = 0] = sum;
  return scale([r, g, b], 1 / Math.max(1, count));
}

/** The four neighbours on the grid, as far as they lie on the same surface. */
function lookUp(
  values: Float32Array,
  points: Float32Array,
  normals: Float32Array,
  width: number,
  height: number,
  x: number,
  y: number,
  p: Vec,
  n: Vec,
): Vec | null {
  const gx = x - 0.5;
  const gy = y - 0.5;
  let sum: Vec = [0, 0, 0];
  let total = 0;
  for (let radius = 1; radius <= 2 && total < 1e-5; radius += 1) {
    for (let dy = 1 - radius; dy <= radius; dy += 1) {
      for (let dx = 1 - radius; dx <= radius; dx += 1) {
        const ix = Math.min(width - 1, Math.max(0, Math.floor(gx) + dx));
        const iy = Math.min(height - 1, Math.max(0, Math.floor(gy) + dy));
        const i = (iy * width + ix) * 3;
        const same = n[0] * (normals[i] ?? 0) + n[1] * (normals[i + 1] ?? 0) + n[2] * (normals[i + 2] ?? 0);
        if (same < 0.9) continue;
        const off = Math.abs(
          n[0] * ((points[i] ?? 0) - p[0]) +
            n[1] * ((points[i + 1] ?? 0) - p[1]) +
            n[2] * ((points[i + 2] ?? 0) - p[2]),
        );
        const weight =
          Math.max(0.001, radius - Math.abs(gx - ix)) *
          Math.max(0.001, radius - Math.abs(gy - iy)) *
          Math.exp(-off * 60);
        sum = add(sum, scale([values[i] ?? 0, values[i + 1] ?? 0, values[i + 2] ?? 0], weight));
        total += weight;
      }
    }
  }
  return total > 1e-5 ? scale(sum, 1 / total) : null;
}
