import type { Material, Rgb, Style } from '../scene/types.ts';

export const STYLE_NAMES = [
  'scandinavian',
  'modern',
  'midcentury',
  'industrial',
  'farmhouse',
  'coastal',
  'luxury',
  'transitional',
  'japandi',
  'boho',
] as const;

export type StyleName = (typeof STYLE_NAMES)[number];

/** Nothing in a room is whiter or blacker. */
const WHITEST = 0.82;
const BLACKEST = 0.03;

/** A colour as on a screen, `#rrggbb` in sRGB, in linear light within what real surfaces reflect. */
export function colour(hex: string): Rgb {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  const [r, g, b] = [channel(1), channel(3), channel(5)];
  const lift = Math.max(0, BLACKEST - Math.max(r, g, b));
  return [Math.min(WHITEST, r + lift), Math.min(WHITEST, g + lift), Math.min(WHITEST, b + lift)];
}

type Weave = Extract<Material, { kind: 'fabric' }>['weave'];

export const fabric = (hex: string, weave: Weave): Material => ({
  kind: 'fabric',
  albedo: colour(hex),
  weave,
});
export const leather = (hex: string): Material => ({ kind: 'leather', albedo: colour(hex), roughness: 0.38 });
export const wood = (hex: string, grain: string, roughness = 0.3): Material => ({
  kind: 'wood',
  albedo: colour(hex),
  grain: colour(grain),
  roughness,
});
export const metal = (hex: string, roughness = 0.25): Material => ({
  kind: 'metal',
  albedo: colour(hex),
  roughness,
});
export const paint = (hex: string, roughness = 0.45): Material => ({
  kind: 'paint',
  albedo: colour(hex),
  roughness,
});
export const ceramic = (hex: string, roughness = 0.15): Material => ({
  kind: 'ceramic',
  albedo: colour(hex),
  roughness,
});
const rug = (
  hex: string,
  second: string,
  pattern: Extract<Material, { kind: 'rug' }>['pattern'],
): Material => ({ kind: 'rug', albedo: colour(hex), second: colour(second), pattern });

export const STYLES: Readonly<Record<StyleName, Style>> = {
  scandinavian: {
    name: 'scandinavian',
    upholstery: fabric('#a9a8a3', 'wool'),
    second: fabric('#7d8a80', 'wool'),
    wood: wood('#c59a66', '#a87c4c'),
    metal: paint('#2a2a2b'),
    accent: fabric('#c9a24c', 'linen'),
    rug: rug('#d9d0c0', '#8f8a80', 'lattice'),
    ceramic: ceramic('#e4e0d8'),
    legs: 'tapered',
    edges: 'soft',
    arms: 'slim',
    backs: 'loose',
  },
  modern: {
    name: 'modern',
    upholstery: fabric('#8d8f91', 'flat'),
    second: leather('#2f3236'),
    wood: wood('#614733', '#452f20'),
    metal: metal('#1f1f20', 0.35),
    accent: fabric('#b5523b', 'flat'),
    rug: rug('#cfcac2', '#b5b0a8', 'border'),
    ceramic: ceramic('#3a3b3d'),
    legs: 'sled',
    edges: 'crisp',
    arms: 'track',
    backs: 'loose',
  },
  midcentury: {
    name: 'midcentury',
    upholstery: fabric('#46606b', 'wool'),
    second: leather('#9c5b2e'),
    wood: wood('#7a4b2a', '#57321a'),
    metal: metal('#b08a4a'),
    accent: fabric('#c98a35', 'velvet'),
    rug: rug('#c9bda6', '#7c4a35', 'stripes'),
    ceramic: ceramic('#d8cdb8'),
    legs: 'tapered',
    edges: 'soft',
    arms: 'frame',
    backs: 'tufted',
  },
  industrial: {
    name: 'industrial',
    upholstery: leather('#5a4636'),
    second: fabric('#6e6f70', 'linen'),
    wood: wood('#86643f', '#4a3220', 0.55),
    metal: metal('#4a4b4d', 0.4),
    accent: fabric('#a4532a', 'linen'),
    rug: rug('#8b8078', '#6d635c', 'border'),
    ceramic: ceramic('#5c5a57', 0.35),
    legs: 'hairpin',
    edges: 'crisp',
    arms: 'rolled',
    backs: 'tight',
  },
  farmhouse: {
    name: 'farmhouse',
    upholstery: fabric('#d8d0c0', 'linen'),
    second: fabric('#8b9aa3', 'linen'),
    wood: wood('#b98d5c', '#96693c', 0.5),
    metal: metal('#3b332c', 0.45),
    accent: fabric('#7c8b6a', 'linen'),
    rug: rug('#b79c6d', '#a08658', 'plain'),
    ceramic: ceramic('#e2dbcc', 0.3),
    legs: 'turned',
    edges: 'soft',
    arms: 'rolled',
    backs: 'loose',
  },
  coastal: {
    name: 'coastal',
    upholstery: fabric('#e0dcd2', 'linen'),
    second: fabric('#8fb0bf', 'linen'),
    wood: wood('#d3bd9b', '#b59c76', 0.45),
    metal: metal('#b69a62', 0.35),
    accent: fabric('#2f5f7d', 'flat'),
    rug: rug('#cdb88c', '#b7a172', 'stripes'),
    ceramic: ceramic('#dfe3e2'),
    legs: 'block',
    edges: 'soft',
    arms: 'track',
    backs: 'loose',
  },
  luxury: {
    name: 'luxury',
    upholstery: fabric('#cfc7ba', 'velvet'),
    second: fabric('#2f3d4a', 'velvet'),
    wood: wood('#4a3023', '#33201a', 0.2),
    metal: metal('#b8954f', 0.18),
    accent: fabric('#5b2e3a', 'velvet'),
    rug: rug('#bdb7ae', '#a39c92', 'border'),
    ceramic: ceramic('#e9e6e1', 0.1),
    legs: 'sled',
    edges: 'crisp',
    arms: 'track',
    backs: 'tufted',
  },
  transitional: {
    name: 'transitional',
    upholstery: fabric('#b9b0a2', 'linen'),
    second: fabric('#7f8a93', 'wool'),
    wood: wood('#8a6545', '#684830'),
    metal: metal('#9a9894', 0.3),
    accent: fabric('#5f7a86', 'velvet'),
    rug: rug('#cbc2b4', '#b9afa0', 'lattice'),
    ceramic: ceramic('#d5d0c6'),
    legs: 'block',
    edges: 'crisp',
    arms: 'rolled',
    backs: 'tight',
  },
  japandi: {
    name: 'japandi',
    upholstery: fabric('#c9c1b2', 'boucle'),
    second: fabric('#6e6a60', 'linen'),
    wood: wood('#a8814f', '#875f36', 0.4),
    metal: paint('#2b2926'),
    accent: fabric('#8c6f56', 'linen'),
    rug: rug('#d3c9b6', '#bdb19c', 'plain'),
    ceramic: ceramic('#4a4742', 0.5),
    legs: 'block',
    edges: 'soft',
    arms: 'slim',
    backs: 'loose',
  },
  boho: {
    name: 'boho',
    upholstery: fabric('#d2c3a8', 'linen'),
    second: leather('#a5683a'),
    wood: wood('#a9763f', '#7f5228', 0.45),
    metal: metal('#a9803f', 0.4),
    accent: fabric('#b0563a', 'wool'),
    rug: rug('#c8b092', '#8d3f2c', 'stripes'),
    ceramic: ceramic('#c08a66', 0.5),
    legs: 'tapered',
    edges: 'soft',
    arms: 'frame',
    backs: 'loose',
  },
};
