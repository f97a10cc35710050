import type { Material, Rgb } from '../../scene/types.ts';
import { art } from './art.ts';
import { ceramic, fabric, glass, leaf, leather, metal, paint, rug, shade, wood } from './patterns.ts';

/** No paint is whiter and none blacker, linear. */
const WHITEST = 0.82;
const BLACKEST = 0.03;

/** What a ray met. The fields above `shadeAs` are given, those below come of it. */
export class Surface {
  x = 0;
  y = 0;
  z = 0;
  /** Towards the viewer, of length one. */
  nx = 0;
  ny = 1;
  nz = 0;
  /** Metres along the surface. */
  u = 0;
  v = 0;
  /** Metres of it in one pixel. */
  footprint = 0;
  seed = 0;
  /** Metres that the part of the mesh is wide and high, from where `u` and `v` are 0. */
  spanU = 1;
  spanV = 1;

  r = 0;
  g = 0;
  b = 0;
  /** Reflected at a right angle, of each colour; 0 reflects nothing. */
  f0r = 0;
  f0g = 0;
  f0b = 0;
  roughness = 1;
  sheen = 0;
  /** Share of the light from behind. */
  translucent = 0;
  glass = false;
  /** Light of its own, where the photo's white is 1. */
  glow = 0;
  bumpX = 0;
  bumpY = 0;

  /**
   * The normal towards the viewer.
   * @param side 1 when the outside is seen, -1 for the back of a leaf or a shade
   */
  orient(x: number, y: number, z: number, side: number, dx: number, dy: number, dz: number): void {
    const scale = side / (Math.sqrt(x * x + y * y + z * z) + 1e-12);
    let nx = x * scale;
    let ny = y * scale;
    let nz = z * scale;
    // Near the outline the normal between the corners may look away from who sees the triangle.
    const away = nx * dx + ny * dy + nz * dz + 0.03;
    if (away > 0) {
      nx -= away * dx;
      ny -= away * dy;
      nz -= away * dz;
      const length = Math.sqrt(nx * nx + ny * ny + nz * nz);
      nx /= length;
      ny /= length;
      nz /= length;
    }
    this.nx = nx;
    this.ny = ny;
    this.nz = nz;
  }

  paint([r, g, b]: Rgb, tone = 1): void {
    this.r = limit(r * tone);
    this.g = limit(g * tone);
    this.b = limit(b * tone);
  }

  blend([r, g, b]: Rgb, [r2, g2, b2]: Rgb, share: number, tone = 1): void {
    this.r = limit(tone * (r + share * (r2 - r)));
    this.g = limit(tone * (g + share * (g2 - g)));
    this.b = limit(tone * (b + share * (b2 - b)));
  }

  gloss(f0: number, roughness: number): void {
    this.f0r = f0;
    this.f0g = f0;
    this.f0b = f0;
    this.roughness = roughness;
  }

  /** Colour, gloss and normal of a material at this place. */
  shadeAs(material: Material): void {
    this.gloss(0, 1);
    this.sheen = 0;
    this.translucent = 0;
    this.glass = false;
    this.glow = 0;
    this.bumpX = 0;
    this.bumpY = 0;
    paintAs(this, material);
    if (this.bumpX !== 0 || this.bumpY !== 0) this.#bend();
  }

  #bend(): void {
    const { nx, ny, nz } = this;
    // Any two directions along the surface (Duff et al. 2017).
    const sign = nz < 0 ? -1 : 1;
    const a = -1 / (sign + nz);
    const b = nx * ny * a;
    const [x, y] = [this.bumpX, this.bumpY];
    const mx = nx - x * (1 + sign * nx * nx * a) - y * b;
    const my = ny - x * sign * b - y * (sign + ny * ny * a);
    const mz = nz + x * sign * nx + y * ny;
    const length = Math.sqrt(mx * mx + my * my + mz * mz);
    this.nx = mx / length;
    this.ny = my / length;
    this.nz = mz / length;
  }
}

function paintAs(s: Surface, material: Material): void {
  switch (material.kind) {
    case 'fabric':
      fabric(s, material);
      break;
    case 'leather':
      leather(s, material);
      break;
    case 'wood':
      wood(s, material);
      break;
    case 'rug':
      rug(s, material);
      break;
    case 'art':
      art(s, material);
      break;
    case 'leaf':
      leaf(s, material);
      break;
    case 'metal':
      metal(s, material);
      break;
    case 'ceramic':
      ceramic(s, material);
      break;
    case 'paint':
      paint(s, material);
      break;
    case 'glass':
      glass(s, material);
      break;
    case 'shade':
      shade(s, material);
      break;
  }
}

function limit(albedo: number): number {
  return Math.min(WHITEST, Math.max(BLACKEST, albedo));
}

/** What a material reflects on the whole: for light that bounces off it. */
export function meanAlbedo(material: Material): Rgb {
  switch (material.kind) {
    case 'wood':
      return mix(material.albedo, material.grain, 0.35);
    case 'rug':
      return mix(material.albedo, material.second, 0.1);
    case 'glass':
      return material.tint;
    case 'art':
      return [0.5, 0.48, 0.44];
    default:
      return material.albedo;
  }
}

function mix(a: Rgb, b: Rgb, share: number): Rgb {
  return [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2])];
}
