import type { Portal, Scene, Tracer } from './scene.ts';
import { add, cross, dot, fractal, normalize, scale, sub, type Vec } from './vec.ts';

const FAR = 1e4;
const BOUNCES = 3;
/** No single path may be brighter: a few such would be seen as sparks. */
const PATH_MAX = 5;

/** Light of the open air in a direction: a sky that is paler at the horizon, hedges and lawn below. */
export function outside(scene: Scene, d: Vec): Vec {
  const { strength } = scene.sky;
  if (d[2] > -0.02) {
    const t = Math.min(1, Math.max(0, d[2]) * 1.6);
    const cloud = 0.9 + 0.25 * fractal((d[0] / (d[2] + 0.35)) * 2 + 9, (d[1] / (d[2] + 0.35)) * 2 + 4, 1, 4);
    const sky: Vec = [0.92 - 0.34 * t, 0.96 - 0.2 * t, 1.02];
    const azimuth = Math.atan2(d[0], d[1]);
    const hedge = 0.05 + 0.1 * fractal(azimuth * 6 + 20, 1, 2, 4);
    if (d[2] < hedge) return leaves(scene, d, azimuth);
    return scale(sky, strength * cloud);
  }
  const lawn = 0.6 + 0.5 * fractal((d[0] / d[2]) * 6, (d[1] / d[2]) * 6, 3, 3);
  return scale([0.17, 0.185, 0.125], strength * lawn * 1.1);
}

function leaves(scene: Scene, d: Vec, azimuth: number): Vec {
  const leaf = 0.35 + 0.9 * fractal(azimuth * 40, d[2] * 60, 7, 4);
  return scale([0.2, 0.24, 0.16], scene.sky.strength * leaf);
}

function area(portal: Portal): number {
  return Math.hypot(...cross(portal.sideA, portal.sideB));
}

/** Light that arrives straight from the sky through a random point of a random window. */
function skyLight(scene: Scene, tracer: Tracer, p: Vec, n: Vec, random: () => number): Vec {
  const portal = scene.portals[Math.floor(random() * scene.portals.length)];
  if (!portal) return [0, 0, 0];
  const point = add(add(portal.corner, scale(portal.sideA, random())), scale(portal.sideB, random()));
  const way = sub(point, p);
  const distance = Math.hypot(...way);
  const d = scale(way, 1 / distance);
  const facing = dot(n, d);
  const leaving = -dot(portal.normal, d);
  if (facing <= 0 || leaving <= 0 || tracer.blocked(p, d, distance + 0.05)) return [0, 0, 0];
  const weight = (facing * leaving * area(portal) * scene.portals.length) / (distance * distance * Math.PI);
  return scale(outside(scene, d), weight);
}

/** Light of the sun, whose disc blurs the edge of a shadow. */
export function sunLight(scene: Scene, tracer: Tracer, p: Vec, n: Vec, random: () => number): number {
  const { sun, sunStrength } = scene.sky;
  if (!sun) return 0;
  const blur = 0.008;
  const d = normalize(add(sun, [(random() - 0.5) * blur, (random() - 0.5) * blur, (random() - 0.5) * blur]));
  const facing = dot(n, d);
  return facing <= 0 || tracer.blocked(p, d, FAR) ? 0 : (facing * sunStrength) / Math.PI;
}

function scatter(n: Vec, random: () => number): Vec {
  const turn = 2 * Math.PI * random();
  const lift = 2 * random() - 1;
  const flat = Math.sqrt(1 - lift * lift);
  return normalize(add(n, [flat * Math.cos(turn) * 0.999, flat * Math.sin(turn) * 0.999, lift * 0.999]));
}

/** Light that falls on a surface, by one random path; the sun's own, sharp part is left to `sunLight`. */
export function irradiance(scene: Scene, tracer: Tracer, p: Vec, n: Vec, random: () => number): Vec {
  let light = skyLight(scene, tracer, p, n, random);
  let carried: Vec = [1, 1, 1];
  let at = p;
  let normal = n;
  for (let bounce = 0; bounce < BOUNCES; bounce += 1) {
    const d = scatter(normal, random);
    const hit = tracer.hit(at, d, FAR);
    if (!hit) break;
    at = add(at, scale(d, hit.t - 1e-4));
    normal = hit.normal;
    const albedo = hit.material.albedo(at, normal);
    carried = [carried[0] * albedo[0], carried[1] * albedo[1], carried[2] * albedo[2]];
    const sky = skyLight(scene, tracer, at, normal, random);
    const sun = sunLight(scene, tracer, at, normal, random);
    light = add(light, [
      carried[0] * (sky[0] + sun),
      carried[1] * (sky[1] + sun * 0.95),
      carried[2] * (sky[2] + sun * 0.86),
    ]);
  }
  const brightest = Math.max(...light);
  return brightest > PATH_MAX ? scale(light, PATH_MAX / brightest) : light;
}
