import { byteAt, type Picture } from './picture.ts';
import { type Edge, type Edges, footT, type Plane } from './planes.ts';
import type { Stretch } from './trace.ts';
import { columnOf, columnU, rowOf, rowT, type View } from './view.ts';
import { alongWall, type Passage } from './walls.ts';

/** An opening in camera heights; `start` and `end` along the wall's own axis, not ordered as the wall runs. */
export interface Found {
  readonly kind: 'door' | 'window';
  /** A leaf in its frame is of a usual height; panes and gaps are of any. */
  readonly isLeaf: boolean;
  /** Index of the stretch. */
  readonly wall: number;
  readonly start: number;
  readonly end: number;
  readonly bottom: number;
  readonly top: number;
  readonly confidence: number;
}

/** Camera heights; cameras stand 1.1 to 1.7 m high, and door heads 2.0 to 2.2. */
const HEAD_LOW = 1.2;
const HEAD_HIGH = 1.85;
const LEAF_MIN = 0.42;
const LEAF_MAX = 1.15;
const PASSAGE_TOP = 1.45;
const AT_FLOOR = 0.22;
const LEVEL = 0.07;
/** Cells from the lower side of the picture. */
const CUT = 3;
const HEAD_SHARE = 0.6;
const WINDOW_WIDTH = 0.2;
const WINDOW_HEIGHT = 0.3;
const WINDOW_FLOOR = 0.2;
/** Camera heights between panes of one window. */
const BAR = 0.14;

/** Luma from which a place is a window, as a multiple of the walls' median and within these. */
const BRIGHTER = 1.45;
const LIMIT_LEAST = 60;
const LIMIT_MOST = 236;
/** Camera heights from the side of a window to its edge, and the share of the side that shows one. */
const EDGE_NEAR = 0.1;
const EDGE_SHARE = 0.4;
/** Columns from the side of the picture. */
const END_NEAR = 4;

/** Height of a spot on a wall above the floor. */
function heightOn(view: View, plane: Plane, u: number, t: number): number {
  return 1 - t / footT(view, plane, u);
}

export function findOpenings(
  view: View,
  picture: Picture,
  edges: Edges,
  stretches: readonly Stretch[],
  passages: readonly Passage[],
): Found[] {
  const through = passages.flatMap((passage): Found[] => {
    const wall = stretches.findIndex(({ from, to }) => from <= passage.from && to >= passage.to);
    const ends = [passage.from, passage.to].map((i) =>
      alongWall(view.upright, passage.plane, columnU(view, i)),
    );
    if (wall < 0) return [];
    return [
      {
        kind: 'door',
        wall,
        start: Math.min(...ends),
        end: Math.max(...ends),
        bottom: 0,
        top: PASSAGE_TOP,
        confidence: 0.8,
        isLeaf: false,
      },
    ];
  });
  const found = [...through];
  const limit = brightness(view, picture, stretches);
  for (const [wall, stretch] of stretches.entries()) {
    for (const one of [
      ...windowsOn(view, picture, edges, stretch, wall, limit),
      ...doorsOn(view, edges, stretch, wall),
    ])
      if (!found.some((other) => other.wall === wall && other.start < one.end && one.start < other.end))
        found.push(one);
  }
  return found;
}

interface Post {
  readonly at: number;
  readonly top: number;
}

/** Leaves in their frames: two upright edges from the floor to a common head. */
function doorsOn(view: View, edges: Edges, { plane, from, to }: Stretch, wall: number): Found[] {
  const posts: Post[] = [];
  for (const edge of edges[2]) {
    const u = (edge.u1 + edge.u2) / 2;
    const column = columnOf(view, u);
    if (column < from - 2 || column > to + 2) continue;
    const low = Math.min(edge.t1, edge.t2);
    // Cut off by the picture, it goes on to the floor for all that can be seen.
    const isCut = low < (view.lowest[column] ?? low) + CUT * view.cell;
    const bottom = isCut ? 0 : heightOn(view, plane, u, low);
    const top = heightOn(view, plane, u, Math.max(edge.t1, edge.t2));
    if (bottom > AT_FLOOR || bottom < -AT_FLOOR || top < HEAD_LOW || top > HEAD_HIGH) continue;
    posts.push({ at: alongWall(view.upright, plane, u), top });
  }
  const pairs: Found[] = [];
  for (const one of posts)
    for (const other of posts) {
      const width = other.at - one.at;
      if (width < LEAF_MIN || width > LEAF_MAX || Math.abs(one.top - other.top) > LEVEL) continue;
      const top = (one.top + other.top) / 2;
      const head = headShare(view, edges[plane.axis], plane, one.at, other.at, top);
      if (head < HEAD_SHARE) continue;
      pairs.push({
        kind: 'door',
        wall,
        start: one.at,
        end: other.at,
        bottom: 0,
        top,
        confidence: head,
        isLeaf: true,
      });
    }
  // Of the frame's edges the outer ones.
  return apart(pairs.toSorted((a, b) => b.end - b.start - (a.end - a.start)));
}

function apart(found: readonly Found[]): Found[] {
  const kept: Found[] = [];
  for (const one of found)
    if (!kept.some((other) => one.start < other.end && other.start < one.end)) kept.push(one);
  return kept;
}

function headShare(
  view: View,
  edges: readonly Edge[],
  plane: Plane,
  start: number,
  end: number,
  top: number,
): number {
  let covered = 0;
  for (const { u1, t1, u2, t2 } of edges) {
    const u = (u1 + u2) / 2;
    if (footT(view, plane, u1) > -0.02 || footT(view, plane, u2) > -0.02) continue;
    if (Math.abs(heightOn(view, plane, u, (t1 + t2) / 2) - top) > LEVEL) continue;
    const ends = [alongWall(view.upright, plane, u1), alongWall(view.upright, plane, u2)];
    const overlap = Math.min(end, Math.max(...ends)) - Math.max(start, Math.min(...ends));
    covered = Math.max(covered, overlap / (end - start));
  }
  return Math.min(1, covered);
}

function lumaAt(view: View, { rgb }: Picture, cell: number): number {
  const pixel = view.pixels[cell] as number;
  if (pixel < 0) return -1;
  return 0.3 * byteAt(rgb, pixel * 3) + 0.59 * byteAt(rgb, pixel * 3 + 1) + 0.11 * byteAt(rgb, pixel * 3 + 2);
}

/** Luma from which a place on a wall is a window: well above the walls. */
function brightness(view: View, picture: Picture, stretches: readonly Stretch[]): number {
  const lumas: number[] = [];
  for (const { plane, from, to } of stretches)
    for (let i = from; i <= to; i += 3) {
      const foot = footT(view, plane, columnU(view, i));
      for (let row = 0; row < view.rows && rowT(view, row) > foot; row += 3) {
        const luma = lumaAt(view, picture, row * view.columns + i);
        if (luma >= 0) lumas.push(luma);
      }
    }
  const median = lumas.toSorted((a, b) => a - b)[Math.floor(lumas.length / 2)] ?? 128;
  return Math.min(LIMIT_MOST, Math.max(LIMIT_LEAST, BRIGHTER * median));
}

interface Pane {
  start: number;
  end: number;
  bottom: number;
  top: number;
  isCut: boolean;
}

/** Light on a wall fades; a window has upright edges, but where the picture cuts it off. */
function isFramed(view: View, uprights: readonly Edge[], { plane }: Stretch, pane: Pane): boolean {
  return [pane.start, pane.end].every((side) => {
    // What the picture cuts off has no edge to show.
    if (pane.isCut) return true;
    return uprights.some((edge) => {
      const u = (edge.u1 + edge.u2) / 2;
      if (footT(view, plane, u) > -0.02) return false;
      if (Math.abs(alongWall(view.upright, plane, u) - side) > EDGE_NEAR) return false;
      const low = heightOn(view, plane, u, Math.min(edge.t1, edge.t2));
      const high = heightOn(view, plane, u, Math.max(edge.t1, edge.t2));
      return Math.min(high, pane.top) - Math.max(low, pane.bottom) > EDGE_SHARE * (pane.top - pane.bottom);
    });
  });
}

/** Bright panes on a wall, joined over their bars. */
function windowsOn(
  view: View,
  picture: Picture,
  edges: Edges,
  stretch: Stretch,
  wall: number,
  limit: number,
): Found[] {
  const { plane, from, to } = stretch;
  const runs: Pane[] = [];
  for (let i = from; i <= to; i += 1) {
    const u = columnU(view, i);
    const foot = footT(view, plane, u);
    const span = brightSpan(view, picture, i, foot, limit);
    if (!span || foot > -0.02) continue;
    const bottom = heightOn(view, plane, u, span.low);
    const top = heightOn(view, plane, u, span.high);
    if (top - bottom < WINDOW_HEIGHT) continue;
    const at = alongWall(view.upright, plane, u);
    const last = runs.at(-1);
    if (last && Math.min(Math.abs(at - last.end), Math.abs(at - last.start)) < BAR) {
      last.start = Math.min(last.start, at);
      last.end = Math.max(last.end, at);
      last.bottom = Math.min(last.bottom, bottom);
      last.top = Math.max(last.top, top);
    } else runs.push({ start: at, end: at, bottom, top, isCut: false });
    const pane = runs.at(-1);
    if (pane && isAtSide(view, i, (span.low + span.high) / 2)) pane.isCut = true;
  }
  return runs
    .filter((pane) => pane.end - pane.start >= WINDOW_WIDTH && isFramed(view, edges[2], stretch, pane))
    .map(({ start, end, bottom, top }) => ({
      kind: bottom < WINDOW_FLOOR ? 'door' : 'window',
      wall,
      start,
      end,
      bottom: Math.max(0, bottom),
      top,
      confidence: 0.7,
      isLeaf: false,
    }));
}

/** Whether the picture ends beside a place. */
function isAtSide(view: View, column: number, t: number): boolean {
  const row = rowOf(view, t);
  return [column - END_NEAR, column + END_NEAR].some(
    (beside) => beside < 0 || beside >= view.columns || (view.pixels[row * view.columns + beside] ?? -1) < 0,
  );
}

/** The longest bright stretch of a column over a foot; short dark pieces in it are bars. */
function brightSpan(view: View, picture: Picture, column: number, foot: number, limit: number) {
  const bar = 0.1 * Math.abs(foot);
  let best: { low: number; high: number } | undefined;
  let now: { low: number; high: number } | undefined;
  for (let row = 0; row < view.rows; row += 1) {
    const t = rowT(view, row);
    if (t < foot) break;
    if (lumaAt(view, picture, row * view.columns + column) < limit) continue;
    if (now && now.low - t <= bar + view.cell) now.low = t;
    else now = { low: t, high: t };
    if (!best || now.high - now.low > best.high - best.low) best = now;
  }
  return best;
}
