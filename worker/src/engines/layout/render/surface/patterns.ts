import type { Material } from '../../scene/types.ts';
import { cloud, noise, slope, smooth } from './noise.ts';
import type { Surface } from './surface.ts';

type Of<Kind extends Material['kind']> = Extract<Material, { kind: Kind }>;

/** Share of a pattern that is left when a pixel covers so much of it: none before it would shimmer. */
export function seenThrough(footprint: number, grain: number): number {
  return Math.max(0, 1 - (1.6 * footprint) / grain);
}

/** Bends the normal by a slope of the surface in two directions along it. */
function bump(s: Surface, x: number, y: number): void {
  s.bumpX += x;
  s.bumpY += y;
}

export function fabric(s: Surface, { albedo, weave }: Of<'fabric'>): void {
  const { u, v, seed, footprint } = s;
  const broad = cloud(u / 0.16, v / 0.16, seed);
  let tone = 1 + 0.05 * broad;
  s.sheen = 0.1;
  if (weave === 'velvet') {
    s.sheen = 0.4;
    // Where the pile was stroked the other way.
    tone += 0.1 * smooth(-0.2, 0.4, noise(u / 0.11, v / 0.07, seed + 9));
    bump(s, 0.05 * slope.x, 0.05 * slope.y);
  } else if (weave === 'boucle') {
    const near = seenThrough(footprint, 0.012);
    const loops = noise(u / 0.011, v / 0.011, seed + 9);
    tone += near * 0.16 * loops;
    bump(s, 0.5 * near * slope.x, 0.5 * near * slope.y);
    tone += 0.06 * noise(u / 0.035, v / 0.035, seed + 8);
  } else if (weave === 'linen') {
    const near = seenThrough(footprint, 0.006);
    const threads = noise(u / 0.05, v / 0.0035, seed + 9) + noise(u / 0.0035, v / 0.05, seed + 8);
    tone += 0.09 * near * threads;
    tone += 0.05 * seenThrough(footprint, 0.02) * noise(u / 0.12, v / 0.009, seed + 7);
  } else {
    const grain = weave === 'wool' ? 0.007 : 0.004;
    const near = seenThrough(footprint, grain);
    const amount = weave === 'wool' ? 0.17 : 0.09;
    const fibres = noise(u / grain, v / grain, seed + 9);
    tone += near * amount * fibres;
    bump(s, 0.18 * near * slope.x, 0.18 * near * slope.y);
    tone += 0.05 * seenThrough(footprint, 0.02) * noise(u / 0.02, v / 0.015, seed + 8);
  }
  // Cloth is never quite flat.
  noise(u / 0.21, v / 0.17, seed + 5);
  bump(s, 0.055 * slope.x, 0.055 * slope.y);
  s.paint(albedo, tone);
  s.roughness = 1;
}

export function leather(s: Surface, { albedo, roughness }: Of<'leather'>): void {
  const { u, v, seed, footprint } = s;
  const tone = 1 + 0.09 * cloud(u / 0.12, v / 0.12, seed);
  const near = seenThrough(footprint, 0.012);
  noise(u / 0.012, v / 0.012, seed + 3);
  bump(s, 0.05 * near * slope.x, 0.05 * near * slope.y);
  noise(u / 0.09, v / 0.13, seed + 4);
  bump(s, 0.022 * slope.x, 0.022 * slope.y);
  s.paint(albedo, tone);
  s.gloss(0.04, roughness);
}

export function wood(s: Surface, { albedo, grain, roughness }: Of<'wood'>): void {
  const { u, v, seed, footprint } = s;
  const warp = 0.5 * noise(u / 0.5, v / 0.1, seed) + 0.18 * noise(u / 0.16, v / 0.03, seed + 1);
  const rings = v / 0.028 + 2.2 * warp;
  const ring = rings - Math.floor(rings);
  // A year's ring darkens slowly and ends at once.
  const band = smooth(0.1, 0.85, ring) * (1 - smooth(0.88, 1, ring));
  const lines = noise(u / 0.09, v / 0.0022, seed + 2);
  const mixed =
    0.34 +
    0.3 * (band - 0.4) * seenThrough(footprint, 0.02) +
    0.2 * lines * seenThrough(footprint, 0.005) +
    0.22 * noise(u / 0.6, v / 0.07, seed + 3);
  s.blend(albedo, grain, Math.min(1, Math.max(0, mixed)));
  s.gloss(0.04, Math.min(1, roughness + 0.08 * lines));
}

export function rug(s: Surface, { albedo, second, pattern }: Of<'rug'>): void {
  const { u, v, seed, footprint } = s;
  // The edge of the pattern is as ragged as its tufts.
  const ragged = 0.003 * noise(u / 0.012, v / 0.012, seed + 2);
  const edge = Math.max(0.004, footprint);
  const line = (x: number, half: number) => 1 - smooth(half - edge, half + edge, Math.abs(x + ragged));
  let mixed = 0;
  if (pattern === 'lattice') {
    const [a, b] = [wave((u + 0.62 * v) / 0.42), wave((u - 0.62 * v) / 0.42)];
    mixed = Math.max(line(0.42 * a, 0.011), line(0.42 * b, 0.011));
  } else if (pattern === 'stripes') {
    mixed = line(0.3 * wave(v / 0.3), 0.05) + 0.6 * line(0.3 * wave(v / 0.3 + 0.32), 0.012);
  } else if (pattern === 'border') {
    const [a, b] = [wave(u / 0.9), wave(v / 0.9)];
    mixed = Math.max(
      line(0.9 * a, 0.012),
      line(0.9 * b, 0.012),
      0.6 * line(0.9 * Math.hypot(a, b) - 0.2, 0.02),
    );
  }
  const near = seenThrough(footprint, 0.008);
  const tufts = noise(u / 0.008, v / 0.008, seed + 3);
  bump(s, 0.25 * near * slope.x, 0.25 * near * slope.y);
  const tone = 1 + 0.2 * near * tufts + 0.07 * cloud(u / 0.07, v / 0.2, seed);
  s.blend(albedo, second, Math.min(1, mixed), tone);
  s.roughness = 1;
  s.sheen = 0.06;
}

/** From -0.5 to 0.5 once a unit. */
function wave(x: number): number {
  return x - Math.floor(x) - 0.5;
}

export function leaf(s: Surface, { albedo }: Of<'leaf'>): void {
  const { u, v, seed } = s;
  const vein = 1 - smooth(0, 0.004 + s.footprint, Math.abs(v));
  const side = 0.5 + 0.5 * Math.sin((u + Math.abs(v)) * 260);
  s.paint(albedo, 1 + 0.14 * cloud(u / 0.05, v / 0.05, seed) + 0.3 * vein + 0.06 * side);
  s.gloss(0.04, 0.45);
  s.translucent = 0.3;
}

/** Hardly any light comes back out of a metal: it is all mirror. */
export function metal(s: Surface, { albedo, roughness }: Of<'metal'>): void {
  s.paint(albedo, 0.12);
  s.f0r = Math.min(0.95, albedo[0]);
  s.f0g = Math.min(0.95, albedo[1]);
  s.f0b = Math.min(0.95, albedo[2]);
  s.roughness = Math.min(0.65, roughness);
}

export function ceramic(s: Surface, { albedo, roughness }: Of<'ceramic'>): void {
  s.paint(albedo, 1 + 0.03 * cloud(s.u / 0.05, s.v / 0.05, s.seed));
  s.gloss(0.05, roughness);
}

/** With the skin that a roller leaves. */
export function paint(s: Surface, { albedo, roughness }: Of<'paint'>): void {
  const near = seenThrough(s.footprint, 0.006);
  noise(s.u / 0.006, s.v / 0.006, s.seed);
  bump(s, 0.03 * near * slope.x, 0.03 * near * slope.y);
  s.paint(albedo, 1 + 0.02 * cloud(s.u / 0.2, s.v / 0.2, s.seed));
  s.gloss(0.04, roughness);
}

export function glass(s: Surface, { tint }: Of<'glass'>): void {
  s.paint(tint);
  s.glass = true;
  s.gloss(0.04, 0.02);
}

/** Warm white: the colour of lamps that are on. */
export const BULB = [1, 0.79, 0.52] as const;
/** Of a shade: as bright as by day, so that it does not ask for its light on the wall. */
const GLOW = 0.2;

/** With a bulb in it that is on. Its outside and its inside follow one another along u. */
export function shade(s: Surface, { albedo }: Of<'shade'>): void {
  const near = seenThrough(s.footprint, 0.006);
  const height = 1 - Math.abs(1 - (2 * s.u) / Math.max(1e-6, s.spanU));
  s.glow = GLOW * (0.65 + 0.6 * (1 - Math.abs(2 * height - 1)));
  s.paint(albedo, 1 + 0.05 * near * noise(s.u / 0.05, s.v / 0.003, s.seed));
  s.translucent = 0.45;
}
