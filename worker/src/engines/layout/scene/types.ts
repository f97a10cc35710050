import type { Vec3 } from '../geometry/camera.ts';

/*
 * The room's own coordinates, in metres: y is up, the floor lies at y = 0, the camera stands above the origin. x runs
 * along the room's axis `b`, z along its axis `a`, away from the camera. Angles are radians about y, 0 towards -z (to
 * the camera), counted so that +90 degrees looks along +x.
 */

/** A point on the floor: x, z. */
export type FloorPoint = readonly [number, number];

/** Linear light, 0 to 1 for what only reflects. */
export type Rgb = readonly [number, number, number];

export type Material =
  | {
      readonly kind: 'fabric';
      readonly albedo: Rgb;
      readonly weave: 'flat' | 'wool' | 'linen' | 'velvet' | 'boucle';
    }
  | { readonly kind: 'leather'; readonly albedo: Rgb; readonly roughness: number }
  | { readonly kind: 'wood'; readonly albedo: Rgb; readonly grain: Rgb; readonly roughness: number }
  | { readonly kind: 'metal'; readonly albedo: Rgb; readonly roughness: number }
  | { readonly kind: 'ceramic'; readonly albedo: Rgb; readonly roughness: number }
  | { readonly kind: 'glass'; readonly tint: Rgb }
  | { readonly kind: 'leaf'; readonly albedo: Rgb }
  | { readonly kind: 'paint'; readonly albedo: Rgb; readonly roughness: number }
  | {
      readonly kind: 'rug';
      readonly albedo: Rgb;
      readonly second: Rgb;
      readonly pattern: 'plain' | 'lattice' | 'stripes' | 'border';
    }
  | { readonly kind: 'art'; readonly seed: number; readonly palette: readonly Rgb[] }
  | { readonly kind: 'shade'; readonly albedo: Rgb };

/** Triangles with smooth normals. A vertex belongs to one material. */
export interface Mesh {
  /** Three numbers a vertex: x, y, z in metres. */
  readonly positions: Float32Array;
  /** Three numbers a vertex, of length one. */
  readonly normals: Float32Array;
  /** Two numbers a vertex, in metres along the surface, for patterns; u runs along the grain. */
  readonly uvs: Float32Array;
  /** Three vertices a triangle, counter-clockwise from outside. */
  readonly triangles: Uint32Array;
  /** Index into `materials` for each triangle. */
  readonly parts: Uint16Array;
  readonly materials: readonly Material[];
}

/** A kind of furniture, in the words of the catalog. */
export type PieceKind = string;

/** What `layout.json` says of a piece: enough to make it again exactly. */
export interface Placed {
  readonly kind: PieceKind;
  /** Where its middle stands on the floor. */
  readonly at: FloorPoint;
  /** Where its front looks. */
  readonly turn: number;
  /** Width, depth, height in metres. */
  readonly size: Vec3;
  /** Height of its lowest point above the floor: 0 but for what hangs on a wall or stands on another piece. */
  readonly lift: number;
  readonly seed: number;
}

/** Makes the mesh of a piece about its own middle: x to its right, z behind it, y up, its front towards -z. */
export interface PieceMaker {
  readonly kind: PieceKind;
  /** Width, depth, height: least, usual, most. */
  readonly sizes: readonly [least: Vec3, usual: Vec3, most: Vec3];
  make(size: Vec3, style: Style, seed: number): Mesh;
}

export interface Style {
  readonly name: string;
  readonly upholstery: Material;
  readonly second: Material;
  readonly wood: Material;
  readonly metal: Material;
  readonly accent: Material;
  readonly rug: Material;
  readonly ceramic: Material;
  /** Legs, edges and proportions: what makes a style besides its colours. */
  readonly legs: 'tapered' | 'hairpin' | 'block' | 'turned' | 'sled';
  readonly edges: 'soft' | 'crisp';
  readonly arms: 'slim' | 'track' | 'frame' | 'rolled';
  /** Of seats and headboards: cushions that lie loose, buttons, or stretched tight. */
  readonly backs: 'loose' | 'tufted' | 'tight';
}

/** A wall that can be seen or inferred: its foot from `from` to `to`, the room on the left of that way. */
export interface Wall {
  readonly from: FloorPoint;
  readonly to: FloorPoint;
  /** Metres; ceilings that are not seen are taken for 2.6. */
  readonly height: number;
  /** 0 to 1. */
  readonly confidence: number;
}

export interface Opening {
  readonly kind: 'door' | 'window' | 'unknown';
  /** Index of the wall. */
  readonly wall: number;
  /** Metres along the wall from its `from`. */
  readonly start: number;
  readonly end: number;
  readonly bottom: number;
  readonly top: number;
  /** 0 to 1. */
  readonly confidence: number;
}

/** Floor on which nothing may be put. */
export interface KeepOut {
  /** Something stands there; the sun lies on it; a door opens over it or one walks through. */
  readonly why: 'object' | 'sun' | 'door';
  /** Counter-clockwise seen from above. */
  readonly outline: readonly FloorPoint[];
  /** 0 to 1. */
  readonly confidence: number;
}

/** What was understood of a photo. */
export interface Room {
  /** Pixels of the photo at its working size. */
  readonly focal: number;
  readonly cx: number;
  readonly cy: number;
  readonly pitch: number;
  readonly roll: number;
  readonly yaw: number;
  readonly width: number;
  readonly height: number;
  /** Metres above the floor; a photo alone does not tell, so it is assumed or scaled by a door. */
  readonly cameraHeight: number;
  /** Floor that can be seen, up to the walls, counter-clockwise seen from above; what stands on it is in `keepOuts`. */
  readonly floor: readonly FloorPoint[];
  readonly walls: readonly Wall[];
  readonly openings: readonly Opening[];
  readonly keepOuts: readonly KeepOut[];
  readonly floorConfidence: number;
}
