import type { Vec3 } from '../geometry/camera.ts';
import type { FloorPoint } from '../scene/types.ts';
import { type Draft, type Idea, place, sized, weightOf } from './draft.ts';
import type { Item } from './item.ts';
import { distanceTo, toRoom } from './plane.ts';
import { facing, mean, plateau } from './terms.ts';
import { alongWall, turnFrom } from './walls.ts';

/** Skirting boards keep furniture from walls, metres. */
export const SKIRTING = 0.03;
const STEP = 0.15;
const HUNG = 0.006;

/** Angle between where a piece looks and the way to the camera, radians, 0 to pi. */
export function angleToCamera([x, z]: FloorPoint, turn: number): number {
  const far = Math.hypot(x, z) || 1;
  const cos = (-Math.sin(turn) * x + Math.cos(turn) * z) / far;
  return Math.acos(Math.min(1, Math.max(-1, cos)));
}

/** Beside, in front of or behind another piece: in its own coordinates, its front towards -z. */
export function beside(
  host: Item,
  kind: string,
  size: Vec3,
  [x, z]: FloorPoint,
  turnBy = 0,
  worth = 1,
): Idea {
  return { placed: place(kind, toRoom(host.rect, [x, z]), host.rect.turn + turnBy, size), worth };
}

/** On the top of another piece, by shares of its half width and half depth. */
export function onTop(host: Item, kind: string, size: Vec3, [x, z]: FloorPoint, turnBy = 0, worth = 1): Idea {
  const at = toRoom(host.rect, [(x * host.rect.width) / 2, (z * host.rect.depth) / 2]);
  const lift = host.placed.lift + host.placed.size[2];
  return { placed: place(kind, at, host.rect.turn + turnBy, size, { lift }), worth };
}

/** All along the walls, backs to them. */
export function atWalls(
  { scene, stretches, items }: Draft,
  kind: string,
  size: Vec3,
  gap = SKIRTING,
): (Idea & { wall: number; edge: number })[] {
  const { room, picture } = scene;
  const ideas: (Idea & { wall: number; edge: number })[] = [];
  const before = weightOf(items, room);
  for (const { wall: index, start, end } of stretches) {
    const wall = room.walls[index];
    if (!wall) continue;
    const turn = turnFrom(wall);
    const [first, last] = [start + size[0] / 2 + gap, end - size[0] / 2 - gap];
    if (last < first) continue;
    const count = Math.max(1, Math.ceil((last - first) / STEP));
    for (let n = 0; n <= count; n += 1) {
      const along = first + ((last - first) * n) / count;
      const at = alongWall(wall, along, gap + size[1] / 2);
      const pixel = picture.project([at[0], size[2] / 2, at[1]]);
      if (!pixel) continue;
      const across = pixel[0] / room.width;
      // Across from what is there already, so that the picture does not tip over.
      const balance = Math.min(
        1,
        0.5 + 2 * (before.middle - 0.5) * (0.5 - across) + Math.abs(across - before.middle) / 2,
      );
      ideas.push({
        placed: place(kind, at, turn, size),
        worth: mean([
          [2, facing(angleToCamera(at, turn))],
          [1.5, balance],
          // What stands near the camera looms.
          [2, plateau(Math.hypot(at[0], at[1]), size[2] > 1 ? [1.2, 3.2, 20, 21] : [0.8, 1.8, 20, 21])],
        ]),
        wall: index,
        edge: Math.min(along - first, last - along),
      });
    }
  }
  return ideas;
}

/** In corners and at the ends of walls; for what is slim and high. */
export function inCorners(draft: Draft, kind: string, size: Vec3, gap = 0.06): Idea[] {
  const twins = draft.items.filter(({ placed }) => placed.kind === kind);
  return atWalls(draft, kind, size, gap).map(({ placed, worth, edge }) => ({
    placed,
    worth: mean([
      [1, worth],
      [1.5, Math.max(0, 1 - edge / 0.8)],
      // Two of a kind stand apart.
      [twins.length, twins.every(({ rect }) => distanceTo(rect, placed.at) > 1.5) ? 1 : 0],
    ]),
  }));
}

/** A picture on the wall behind a piece, middle over middle. */
export function above(host: Item, { dice }: Draft, key: number): Idea[] {
  const share = 0.55 + 0.15 * dice(key);
  return [1, 0.8, 0.6].map((scale) => {
    const tall = (0.55 + 0.35 * dice(key + 1)) * scale;
    return hang(host, sized('framed_art', host.rect.width * share * scale, 0.03, tall), 0);
  });
}

/** A mirror over a piece: round, or upright. */
export function mirrorAbove(host: Item, { dice }: Draft, key: number): Idea[] {
  const round = dice(key) < 0.6;
  return [0.8, 0.7, 0.6].map((width) =>
    hang(host, sized('mirror', width, 0.028, round ? width : 1), 0, 'mirror'),
  );
}

/** So many upright pictures of one size in a row behind a piece. */
export function row(host: Item, { dice }: Draft, key: number, count: number): Idea[] {
  const gap = 0.09;
  return [0.72, 0.6].flatMap((share) => {
    const width = Math.min(0.6, (host.rect.width * share - gap * (count - 1)) / count);
    if (width < 0.3) return [];
    const size = sized('framed_art', width, 0.03, width * (1.25 + 0.15 * dice(key)));
    const [first, ...others] = Array.from({ length: count }, (_, n) =>
      hang(host, size, (n - (count - 1) / 2) * (size[0] + gap)),
    );
    return first ? [{ ...first, along: others.map(({ placed }) => placed) }] : [];
  });
}

/** Of a picture above what stands below it, metres. */
const OVER = 0.18;
/** Height of its middle: that of the eyes. */
const EYES = 1.52;

function hang(host: Item, size: Vec3, x: number, kind = 'framed_art'): Idea {
  const back = host.rect.depth / 2 + SKIRTING;
  const at = toRoom(host.rect, [x, back - size[1] / 2 - HUNG]);
  const lift = Math.max(host.placed.size[2] + OVER, EYES - size[2] / 2);
  return {
    placed: place(kind, at, host.rect.turn, size, { lift }),
    worth: 1 - Math.abs(lift + size[2] / 2 - EYES),
  };
}

/** Between pictures that do not belong together, metres. */
const APART = 1;

/** Pictures on any wall with nothing before it. */
export function onWalls(draft: Draft, size: Vec3, key: number): Idea[] {
  const hung = draft.items.filter(({ entry }) => entry.stands === 'wall');
  return atWalls(draft, 'framed_art', size, HUNG)
    .filter(({ placed }) => hung.every(({ rect }) => distanceTo(rect, placed.at) > APART + size[0] / 2))
    .map(({ placed, worth, edge }) => ({
      placed: place(placed.kind, placed.at, placed.turn, placed.size, { lift: 1.5 - size[2] / 2 }),
      worth:
        (worth + Math.min(1, edge / 0.6) + 0.05 * draft.dice(key)) / 2.05 -
        (hung.some((other) => Math.abs(other.placed.turn - placed.turn) < 0.1) ? 0.5 : 0),
    }));
}
