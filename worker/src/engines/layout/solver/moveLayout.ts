import { scaleRoom } from '../scene/scaleRoom.ts';
import type { Placed, Room, Wall } from '../scene/types.ts';
import { fitRoom, type Move, moved, type RoomFit } from './fitRoom.ts';
import { type Item, isSolid, itemOf, type Scene, sceneOf, TIGHT } from './item.ts';
import { type Layout, settleRoom } from './layout.ts';
import { corners } from './plane.ts';
import { carries, faultsOf, type Rule } from './rules.ts';
import { alongWall, lengthOf, turnFrom } from './walls.ts';

export type MovedLayout =
  | { readonly kind: 'moved'; readonly layout: Layout; readonly leftOut: readonly string[] }
  | { readonly kind: 'none'; readonly why: string };

/** A wall was read this far off in the other photo: what stood at it is moved to it, metres. */
const REACH = 0.35;
/** So that rounding puts nothing into the wall. */
const CLEAR = 0.006;
/** Of the other room, in which it is tried. */
const SIZES = [0.97, 1.03, 0.94, 1.06, 0.91, 1.1, 0.87, 1.15] as const;
/** A size is not changed for less, metres. */
const LEAST = 0.02;

/**
 * A layout in another photo of its room: every piece where it stood, at the walls as they were read there. What that
 * photo does not show is left out.
 * @param read the room as it was read from the other photo; its metres give way to those of the layout
 */
export function moveLayout(layout: Layout, read: Room): MovedLayout {
  const fit = bestFit(layout.room, read);
  if (fit.kind === 'none') return fit;
  const { to } = fit;
  const scene = sceneOf(to);
  const pieces = moveAll(layout, fit.move, to);
  const items = pieces.map((placed) => itemOf(scene, placed, TIGHT));
  const hosts = items.map((item) => items.find((host) => host !== item && carries(host, item)));
  const shown = items.filter((item, n) => {
    const host = hosts[n];
    return isShown(scene, item) && (!host || isShown(scene, host));
  });
  if (!shown.some(isSolid))
    return { kind: 'none', why: 'this photo shows none of the floor that the furniture stands on' };
  const leftOut = items.filter((item) => !shown.includes(item)).map(({ placed }) => placed.kind);
  return {
    kind: 'moved',
    layout: { ...layout, room: to, pieces: shown.map(({ placed }) => placed) },
    leftOut,
  };
}

type ScaledFit =
  | (Extract<RoomFit, { kind: 'fit' }> & { readonly to: Room })
  | Extract<RoomFit, { kind: 'none' }>;

/** A photo tells metres only nearly: the room of the other one is tried in several sizes. */
function bestFit(from: Room, read: Room): ScaledFit {
  let best: ScaledFit = fitTo(from, read);
  for (const factor of SIZES) {
    const fit = fitTo(from, settleRoom(scaleRoom(read, factor)));
    if (fit.kind === 'none') continue;
    const isBetter =
      best.kind === 'none' ||
      fit.evidence > best.evidence ||
      (fit.evidence === best.evidence && fit.apart < best.apart - LEAST);
    if (isBetter) best = fit;
  }
  return best;
}

function fitTo(from: Room, to: Room): ScaledFit {
  const fit = fitRoom(from, to);
  return fit.kind === 'fit' ? { ...fit, to } : fit;
}

/** What stands on others goes where they go. */
function moveAll({ room, pieces }: Layout, move: Move, to: Room): Placed[] {
  const before = sceneOf(room);
  const items = pieces.map((placed) => itemOf(before, placed));
  const shifted = items.map(
    ({ placed }): Placed => ({
      ...placed,
      at: moved(move, placed.at),
      turn: placed.turn + (move.quarters * Math.PI) / 2,
    }),
  );
  const settled = shifted.map((placed, n) => atWalls(placed, items[n], to.walls));
  return settled.map((placed, n) => {
    const item = items[n];
    const host = item ? items.findIndex((other) => other !== item && carries(other, item)) : -1;
    const [there, was] = [settled[host], shifted[host]];
    if (item?.entry.stands !== 'top' || !there || !was) return placed;
    return {
      ...placed,
      at: [placed.at[0] + there.at[0] - was.at[0], placed.at[1] + there.at[1] - was.at[1]],
    };
  });
}

/** Hung on the wall that is there now, or out of those that it would stand in. */
function atWalls(placed: Placed, item: Item | undefined, walls: readonly Wall[]): Placed {
  let now = placed;
  for (const wall of walls) {
    const at = measure(now, wall);
    if (!at) continue;
    const hangs = item?.entry.stands === 'wall' && Math.cos(now.turn - turnFrom(wall)) > 0.99;
    const out = hangs ? CLEAR - at.nearest : Math.max(0, CLEAR - at.nearest);
    if (Math.abs(out) > REACH || (item?.entry.stands === 'wall' && !hangs)) continue;
    const [from, to] = [alongWall(wall, 0, 0), alongWall(wall, 0, out)];
    now = { ...now, at: [now.at[0] + to[0] - from[0], now.at[1] + to[1] - from[1]] };
  }
  return now;
}

/** Distance of a piece's nearest corner from a wall, below 0 behind it; undefined beside its ends. */
function measure({ at, turn, size }: Placed, wall: Wall): { nearest: number } | undefined {
  const length = lengthOf(wall) || 1;
  const [dx, dz] = [(wall.to[0] - wall.from[0]) / length, (wall.to[1] - wall.from[1]) / length];
  const foot = corners({ at, turn, width: size[0], depth: size[1] });
  const along = foot.map(([x, z]) => (x - wall.from[0]) * dx + (z - wall.from[1]) * dz);
  if (Math.max(...along) < 0 || Math.min(...along) > length) return undefined;
  return { nearest: Math.min(...foot.map(([x, z]) => (z - wall.from[1]) * dx - (x - wall.from[0]) * dz)) };
}

/** Rules that are broken where the photo ends, and not only where the room does. */
const AT_BORDERS: readonly Rule[] = ['outside', 'floating', 'behind_camera', 'too_near', 'cut_off'];

/**
 * Whether the photo shows a piece and what it stands on. A solid piece on ground that is in the picture and no floor
 * counts as shown, so that it is refused and not passed over.
 */
function isShown(scene: Scene, item: Item): boolean {
  const faults = [...faultsOf(scene, item, [])]
    .map(({ rule }) => rule)
    .filter((rule) => AT_BORDERS.includes(rule));
  if (item.entry.stands === 'top') return item.outline !== undefined && item.shown > 0.5;
  if (faults.length === 0) return true;
  if (!isSolid(item) || faults.some((rule) => rule !== 'outside')) return false;
  const { width, height } = scene.room;
  return corners(item.rect).every(([x, z]) => {
    const [u, v] = scene.picture.project([x, 0, z]) ?? [-1, -1];
    return u >= 0 && v >= 0 && u <= width && v <= height;
  });
}
