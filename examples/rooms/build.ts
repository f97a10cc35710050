import { lacquer, type Material } from './materials.ts';
import type { Box, Portal, Scene, Sky, Slope } from './scene.ts';
import type { Vec } from './vec.ts';

/** Walls of a room seen from above: `north` is at the far end of y, `east` at the far end of x. */
export type Side = 'north' | 'south' | 'east' | 'west';

export interface Opening {
  readonly side: Side;
  readonly kind: 'window' | 'door' | 'passage';
  /** Metres along the wall, from its smaller coordinate. */
  readonly at: number;
  readonly width: number;
  readonly bottom: number;
  readonly height: number;
  /** Panes beside and above each other, of a window. */
  readonly panes?: readonly [number, number];
}

export interface RoomSpec {
  /** Inside, metres. */
  readonly size: Vec;
  readonly walls: Material;
  readonly accents?: Partial<Record<Side, Material>>;
  readonly floor: Material;
  readonly ceiling?: Material;
  readonly trim?: Material;
  readonly openings: readonly Opening[];
  /** Fixtures, radiators, counters. */
  readonly extras?: readonly Box[];
  readonly slopes?: readonly Slope[];
  readonly skylights?: readonly Portal[];
  readonly sky: Sky;
}

const THICK = 0.24;
const WHITE = lacquer([0.8, 0.8, 0.78]);
const DOOR = lacquer([0.74, 0.73, 0.7], 0.2);
const STEEL = lacquer([0.45, 0.45, 0.46], 0.5);
const OUTSIDE = lacquer([0.35, 0.33, 0.3]);

export function box(min: Vec, max: Vec, material: Material): Box {
  return { min, max, material };
}

/** A box in the coordinates of a wall: along it, up, and how far from its face into the room. */
function onWall(
  size: Vec,
  side: Side,
  along: readonly [number, number],
  up: readonly [number, number],
  depth: readonly [number, number],
  material: Material,
): Box {
  const [w, d] = size;
  if (side === 'north')
    return box([along[0], d - depth[1], up[0]], [along[1], d - depth[0], up[1]], material);
  if (side === 'south') return box([along[0], depth[0], up[0]], [along[1], depth[1], up[1]], material);
  if (side === 'east') return box([w - depth[1], along[0], up[0]], [w - depth[0], along[1], up[1]], material);
  return box([depth[0], along[0], up[0]], [depth[1], along[1], up[1]], material);
}

export function buildScene(spec: RoomSpec): Scene {
  const [w, d, h] = spec.size;
  const trim = spec.trim ?? WHITE;
  const boxes: Box[] = [
    box([-THICK, -THICK, -0.2], [w + THICK, d + THICK, 0], spec.floor),
    box([-THICK, -THICK, h], [w + THICK, d + THICK, h + 0.2], spec.ceiling ?? WHITE),
  ];
  for (const side of ['north', 'south', 'east', 'west'] as const) {
    const openings = spec.openings.filter((opening) => opening.side === side).sort((a, b) => a.at - b.at);
    boxes.push(...wall(spec, side, openings, trim));
    for (const opening of openings) {
      if (opening.kind === 'window') boxes.push(...windowParts(spec.size, opening, trim));
      else boxes.push(...doorParts(spec.size, opening, trim));
    }
  }
  const portals = spec.openings
    .filter(({ kind }) => kind === 'window')
    .map((opening) => portalOf(spec.size, opening));
  return {
    boxes: [...boxes, ...(spec.extras ?? [])],
    slopes: spec.slopes ?? [],
    portals: [...portals, ...(spec.skylights ?? [])],
    sky: spec.sky,
  };
}

/** Wall pieces around the openings, with a baseboard that stops at doors. */
function wall(spec: RoomSpec, side: Side, openings: readonly Opening[], trim: Material): Box[] {
  const [w, d, h] = spec.size;
  const length = side === 'north' || side === 'south' ? w : d;
  const material = spec.accents?.[side] ?? spec.walls;
  const piece = (from: number, to: number, low: number, high: number) =>
    onWall(spec.size, side, [from, to], [low, high], [-THICK, 0], material);
  const skirting = (from: number, to: number) =>
    onWall(spec.size, side, [from, to], [0, 0.09], [0, 0.014], trim);
  const parts: Box[] = [];
  let from = -THICK;
  for (const { at, width, bottom, height } of openings) {
    parts.push(piece(from, at, 0, h));
    if (at > from + THICK) parts.push(skirting(Math.max(0, from), at - 0.07));
    if (bottom > 0) parts.push(piece(at, at + width, 0, bottom), skirting(at - 0.07, at + width + 0.07));
    parts.push(piece(at, at + width, bottom + height, h));
    from = at + width;
  }
  parts.push(
    piece(from, length + THICK, 0, h),
    skirting(Math.max(0, from === -THICK ? 0 : from + 0.07), length),
  );
  return parts;
}

function windowParts(size: Vec, o: Opening, trim: Material): Box[] {
  const [columns, rows] = o.panes ?? [2, 1];
  const top = o.bottom + o.height;
  const end = o.at + o.width;
  const part = (along: [number, number], up: [number, number], depth: [number, number], material = trim) =>
    onWall(size, o.side, along, up, depth, material);
  const frame = 0.06;
  const deep: [number, number] = [-0.16, -0.1];
  const parts = [
    part([o.at, o.at + frame], [o.bottom, top], deep),
    part([end - frame, end], [o.bottom, top], deep),
    part([o.at, end], [o.bottom, o.bottom + frame], deep),
    part([o.at, end], [top - frame, top], deep),
    part([o.at - 0.05, end + 0.05], [o.bottom - 0.035, o.bottom], [-0.1, 0.05]),
  ];
  for (let i = 1; i < columns; i += 1) {
    const x = o.at + (o.width * i) / columns;
    parts.push(part([x - 0.035, x + 0.035], [o.bottom, top], deep));
  }
  for (let i = 1; i < rows; i += 1) {
    const z = o.bottom + (o.height * i) / rows;
    parts.push(part([o.at, end], [z - 0.02, z + 0.02], [-0.15, -0.11]));
  }
  for (let i = 0; i < columns; i += 1) {
    const x = o.at + (o.width * (i + 0.5)) / columns + 0.4 * (o.width / columns) * (i % 2 === 0 ? 1 : -1);
    parts.push(
      part(
        [x - 0.012, x + 0.012],
        [o.bottom + o.height * 0.45, o.bottom + o.height * 0.45 + 0.11],
        [-0.1, -0.06],
        STEEL,
      ),
    );
  }
  return parts;
}

function doorParts(size: Vec, o: Opening, trim: Material): Box[] {
  const end = o.at + o.width;
  const part = (along: [number, number], up: [number, number], depth: [number, number], material = trim) =>
    onWall(size, o.side, along, up, depth, material);
  const parts = [
    part([o.at - 0.07, o.at], [0, o.height + 0.07], [-THICK, 0.018]),
    part([end, end + 0.07], [0, o.height + 0.07], [-THICK, 0.018]),
    part([o.at, end], [o.height, o.height + 0.07], [-THICK, 0.018]),
  ];
  if (o.kind === 'passage') {
    // A room behind: dim walls some way off, so that one does not look into the open.
    parts.push(part([o.at - 1.5, end + 1.5], [-0.2, 3], [-2.6, -2.5], OUTSIDE));
    parts.push(part([o.at - 1.5, o.at - 1.4], [-0.2, 3], [-2.6, -THICK], OUTSIDE));
    parts.push(part([end + 1.4, end + 1.5], [-0.2, 3], [-2.6, -THICK], OUTSIDE));
    parts.push(part([o.at - 1.5, end + 1.5], [2.6, 2.8], [-2.6, -THICK], OUTSIDE));
    parts.push(part([o.at - 1.5, end + 1.5], [-0.2, 0], [-2.6, -THICK], OUTSIDE));
    return parts;
  }
  // The leaf, with raised stiles and rails that leave two panels.
  parts.push(part([o.at + 0.003, end - 0.003], [0.006, o.height - 0.003], [-0.06, -0.018], DOOR));
  const stile = 0.11;
  const raised: [number, number] = [-0.018, -0.004];
  parts.push(part([o.at + 0.003, o.at + stile], [0.006, o.height - 0.003], raised, DOOR));
  parts.push(part([end - stile, end - 0.003], [0.006, o.height - 0.003], raised, DOOR));
  for (const [low, high] of [
    [0.006, 0.2],
    [0.92, 1.06],
    [o.height - 0.14, o.height - 0.003],
  ] as const) {
    parts.push(part([o.at + stile, end - stile], [low, high], raised, DOOR));
  }
  parts.push(part([end - 0.1, end - 0.05], [0.98, 1.12], [-0.004, 0.004], STEEL));
  parts.push(part([end - 0.2, end - 0.07], [1.04, 1.062], [0.045, 0.062], STEEL));
  parts.push(part([end - 0.09, end - 0.07], [1.04, 1.062], [0.004, 0.062], STEEL));
  return parts;
}

function portalOf(size: Vec, o: Opening): Portal {
  const [w, d] = size;
  const up: Vec = [0, 0, o.height];
  if (o.side === 'north')
    return { corner: [o.at, d + 0.2, o.bottom], sideA: [o.width, 0, 0], sideB: up, normal: [0, -1, 0] };
  if (o.side === 'south')
    return { corner: [o.at, -0.2, o.bottom], sideA: [o.width, 0, 0], sideB: up, normal: [0, 1, 0] };
  if (o.side === 'east')
    return { corner: [w + 0.2, o.at, o.bottom], sideA: [0, o.width, 0], sideB: up, normal: [-1, 0, 0] };
  return { corner: [-0.2, o.at, o.bottom], sideA: [0, o.width, 0], sideB: up, normal: [1, 0, 0] };
}

/** A panel radiator below a window. */
export function radiator(size: Vec, side: Side, at: number, width: number): Box[] {
  const white = lacquer([0.82, 0.82, 0.8], 0.1);
  const ribs = Math.round(width / 0.07);
  const parts = [
    onWall(size, side, [at, at + width], [0.15, 0.17], [0.045, 0.12], white),
    onWall(size, side, [at, at + width], [0.71, 0.73], [0.045, 0.12], white),
    onWall(size, side, [at, at + width], [0.17, 0.71], [0.05, 0.085], white),
  ];
  for (let i = 0; i < ribs; i += 1) {
    const x = at + ((i + 0.5) * width) / ribs;
    parts.push(onWall(size, side, [x - 0.02, x + 0.02], [0.17, 0.71], [0.085, 0.105], white));
  }
  return parts;
}

/** Sockets (0.3 m) and switches (1.1 m). */
export function plate(size: Vec, side: Side, at: number, up: number): Box[] {
  return [
    onWall(size, side, [at, at + 0.08], [up, up + 0.08], [0, 0.008], WHITE),
    onWall(
      size,
      side,
      [at + 0.022, at + 0.058],
      [up + 0.022, up + 0.058],
      [0.008, 0.012],
      lacquer([0.62, 0.62, 0.6]),
    ),
  ];
}

export { onWall };
