import { belongsTo, type Item, isSolid, type Scene } from './item.ts';
import { covered } from './picture.ts';
import {
  area,
  corners,
  crosses,
  distanceTo,
  inset,
  overlapDepth,
  type Polygon,
  touches,
  within,
} from './plane.ts';
import { alongWall, lengthOf } from './walls.ts';

export type Rule =
  | 'outside'
  | 'overlap'
  | 'floating'
  | 'behind_camera'
  | 'blocks_door'
  | 'blocks_window'
  | 'on_object'
  | 'in_the_sun'
  | 'tight'
  | 'too_near'
  | 'cut_off'
  | 'hides_door'
  | 'closes_path';

export interface Fault {
  readonly rule: Rule;
  /** The other piece, where there is one. */
  readonly other?: Item;
}

/** Rounding of what is written to layout.json moves corners by this much, metres. */
const SLACK = 0.004;
/** A chair is pushed under a table or desk by up to this much. */
const TUCKED = 0.2;
const SEATS = ['chair', 'desk_chair'];
/** What is higher needs this much distance from the camera, or a wide lens stretches it. */
const TALL = 1;
const TALL_NEAREST = 1.2;
const NEAREST = 0.6;
/** Less of a piece looks like a mistake at the border of the photo. */
const SLIVER = 0.25;
const DOOR_COVERED = 0.3;
/** Share of a piece's floor that the sun may light, and of the lit floor that it may stand on. */
const SUNNY = 0.3;
/** Square metres. */
const SPECK = 0.2;
const NEAR_WALL = 0.1;
const WALL_GAP = 0.08;

/** What is wrong with a piece among others, gravest first; found as it is asked for. */
export function* faultsOf(scene: Scene, item: Item, others: readonly Item[]): Generator<Fault> {
  yield* groundFaults(scene, item, others);
  yield* pictureFaults(scene, item);
  yield* clearanceFaults(scene, item, others);
}

function* groundFaults(scene: Scene, item: Item, others: readonly Item[]): Generator<Fault> {
  const { rect, entry, placed } = item;
  if (!item.outline) yield { rule: 'behind_camera' };
  if (entry.stands === 'wall') {
    if (!hangsOnWall(scene, item)) yield { rule: 'floating' };
    const other = others.find((one) => one.entry.stands === 'wall' && meet(one, item, 0.04));
    if (other) yield { rule: 'overlap', other };
    return;
  }
  if (entry.stands === 'top') {
    if (!others.some((one) => carries(one, item))) yield { rule: 'floating' };
    const other = others.find((one) => one.entry.stands === 'top' && meet(one, item, SLACK));
    if (other) yield { rule: 'overlap', other };
    return;
  }
  if (placed.lift > SLACK) yield { rule: 'floating' };
  if (!within(scene.ground, inset(rect, SLACK))) yield { rule: 'outside' };
  for (const { why, outline, height } of scene.zones)
    if (
      placed.size[2] > height &&
      touches(outline, inset(rect, SLACK)) &&
      !(why === 'sun' && isGrazed(scene, outline, item))
    )
      yield {
        rule: (
          { door: 'blocks_door', window: 'blocks_window', object: 'on_object', sun: 'in_the_sun' } as const
        )[why],
      };
  for (const other of others) {
    if (isSolid(item) !== isSolid(other) || other.entry.stands !== 'floor') continue;
    const allowed = belongsTo(placed.kind, other.placed.kind) || belongsTo(other.placed.kind, placed.kind);
    const seats = [placed, other.placed].some(({ kind }) => SEATS.includes(kind));
    const tuck = allowed && seats ? TUCKED : SLACK;
    if (overlapDepth(rect, other.rect) > tuck) yield { rule: 'overlap', other };
  }
}

function* pictureFaults(scene: Scene, item: Item): Generator<Fault> {
  const { outline, placed, rect } = item;
  if (!outline) return;
  const nearest = distanceTo(rect, [0, 0]);
  if (
    !item.entry.flat &&
    nearest < (placed.size[2] > TALL && item.entry.stands === 'floor' ? TALL_NEAREST : NEAREST)
  )
    yield { rule: 'too_near' };
  if (item.shown < SLIVER) yield { rule: 'cut_off' };
  if (isSolid(item) && scene.doors.some((door) => covered(door, outline) > DOOR_COVERED))
    yield { rule: 'hides_door' };
}

function* clearanceFaults({ room }: Scene, item: Item, others: readonly Item[]): Generator<Fault> {
  if (!isSolid(item)) return;
  const clear = inset(item.clear, SLACK);
  if (room.walls.some(({ from, to }) => crosses(clear, from, to))) yield { rule: 'tight' };
  for (const other of others) {
    if (!isSolid(other)) continue;
    if (belongsTo(other.placed.kind, item.placed.kind) || belongsTo(item.placed.kind, other.placed.kind))
      continue;
    const mine = overlapDepth(clear, other.rect) > SLACK;
    const theirs = overlapDepth(inset(other.clear, SLACK), item.rect) > SLACK;
    if (mine || theirs) yield { rule: 'tight', other };
  }
}

/** Where the sun meets only an edge of a piece, or a speck of it the piece, it looks right that it stands in the room's light. */
function isGrazed({ zones }: Scene, outline: Polygon, item: Item): boolean {
  if (!isSolid(item)) return false;
  const foot = corners(item.rect);
  const sunny = zones.reduce((sum, zone) => sum + (zone.why === 'sun' ? covered(foot, zone.outline) : 0), 0);
  return sunny < SUNNY && (area(outline) < SPECK || covered(outline, foot) < SUNNY);
}

/** Whether two pieces share room, with a margin where it is above 0. */
function meet(a: Item, b: Item, margin: number): boolean {
  const low = Math.max(a.placed.lift, b.placed.lift);
  const high = Math.min(a.placed.lift + a.placed.size[2], b.placed.lift + b.placed.size[2]);
  return high - low > -margin && overlapDepth(inset(a.rect, -margin), b.rect) > SLACK;
}

/** Whether a piece stands on another one's flat top. */
export function carries(host: Item, { entry, placed, rect }: Item): boolean {
  if (!entry.on.includes(host.placed.kind)) return false;
  return (
    Math.abs(placed.lift - host.placed.lift - host.placed.size[2]) < 0.02 &&
    // Half of a lamp's shade or of a vase's branches may reach over.
    distanceTo(host.rect, rect.at) <= SLACK
  );
}

/** Flat on a wall, below its upper end and beside its openings. */
function hangsOnWall({ room }: Scene, { placed }: Item): boolean {
  const [width, depth, height] = placed.size;
  return room.walls.some((wall, index) => {
    const length = lengthOf(wall);
    const start = alongWall(wall, 0, 0);
    const dx = (wall.to[0] - wall.from[0]) / length;
    const dz = (wall.to[1] - wall.from[1]) / length;
    const along = (placed.at[0] - start[0]) * dx + (placed.at[1] - start[1]) * dz;
    const out = (placed.at[1] - start[1]) * dx - (placed.at[0] - start[0]) * dz;
    if (out < depth / 2 - SLACK || out > depth / 2 + WALL_GAP) return false;
    if (Math.sin(placed.turn) * -dz - Math.cos(placed.turn) * dx < 0.99) return false;
    if (along < width / 2 || along > length - width / 2) return false;
    if (placed.lift + height > wall.height - NEAR_WALL) return false;
    return !room.openings.some(
      (opening) =>
        opening.wall === index &&
        along + width / 2 > opening.start - NEAR_WALL &&
        along - width / 2 < opening.end + NEAR_WALL &&
        placed.lift < opening.top + NEAR_WALL &&
        placed.lift + height > opening.bottom - NEAR_WALL,
    );
  });
}
