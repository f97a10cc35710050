import type { FloorPoint, Wall } from '../scene/types.ts';
import type { Foot } from './outline.ts';
import { footT, type Plane } from './planes.ts';
import type { Stretch } from './trace.ts';
import type { Upright } from './upright.ts';
import { columnOf, columnU, type View } from './view.ts';

/** Columns below which a stretch is a slip of the tracing. */
const SLIP = 4;
/** Difference of distances below which parallel feet are one wall: a skirting board, a door's frame. */
const SAME = 0.05;

/** A gap in a wall through which another room is seen. Columns as in `Stretch`. */
export interface Passage {
  readonly plane: Plane;
  readonly from: number;
  readonly to: number;
}

/** Without slips, and with the parts of a wall that lie behind one another by a board's thickness as one. */
export function tidyStretches(stretches: readonly Stretch[]): Stretch[] {
  const long = stretches.filter(({ from, to }) => to - from + 1 >= SLIP);
  const joined: Stretch[] = [];
  for (const next of long) {
    const last = joined.at(-1);
    if (last && sameWall(last.plane, next.plane)) {
      const longer = next.to - next.from > last.to - last.from ? next.plane : last.plane;
      joined[joined.length - 1] = { plane: longer, from: last.from, to: next.to };
    } else joined.push(next);
  }
  const first = stretches[0]?.from ?? 0;
  const end = stretches.at(-1)?.to ?? 0;
  return joined.map((stretch, n) => ({
    plane: stretch.plane,
    from: n === 0 ? first : stretch.from,
    to: (joined[n + 1]?.from ?? end + 1) - 1,
  }));
}

function sameWall(one: Plane, other: Plane): boolean {
  return one.axis === other.axis && Math.abs(one.nearness / other.nearness - 1) < SAME;
}

/** Of the columns; a narrower piece beside the end of a wall shows too little to be read. */
const GLIMPSE = 0.14;
/** Cells between the feet of walls of which one hides the other. */
const APART = 4;

/**
 * What is glimpsed between the end of a wall and the side of the picture is not taken for floor: the wall is taken to go on.
 * That costs a corner of the floor, and a cupboard's side that looks like the floor costs a picture.
 */
export function closeGlimpses(view: View, stretches: readonly Stretch[]): Stretch[] {
  const kept = [...stretches];
  for (const side of ['left', 'right'] as const) {
    const outer = side === 'left' ? kept[0] : kept.at(-1);
    const inner = side === 'left' ? kept[1] : kept.at(-2);
    if (!outer || !inner || outer.to - outer.from + 1 > GLIMPSE * view.columns) continue;
    const u = columnU(view, side === 'left' ? outer.to : outer.from);
    if (footT(view, outer.plane, u) - footT(view, inner.plane, u) < APART * view.cell) continue;
    const whole = {
      plane: inner.plane,
      from: Math.min(inner.from, outer.from),
      to: Math.max(inner.to, outer.to),
    };
    if (side === 'left') kept.splice(0, 2, whole);
    else kept.splice(-2, 2, whole);
  }
  return kept;
}

/** Widths of passages in camera heights. */
const PASSAGE_MIN = 0.4;
const PASSAGE_MAX = 1.5;

/** Closes the gaps in walls that lead on to other rooms: their floor is seen, but it is not this room's. */
export function closePassages(
  view: View,
  stretches: readonly Stretch[],
): { stretches: Stretch[]; passages: Passage[] } {
  for (let n = 0; n < stretches.length; n += 1)
    for (let m = stretches.length - 1; m > n + 1; m -= 1) {
      const before = stretches[n];
      const after = stretches[m];
      if (!before || !after || !sameWall(before.plane, after.plane)) continue;
      const { plane } = before;
      const gap = { plane, from: before.to + 1, to: after.from - 1 };
      if (!isPassage(view, stretches.slice(n + 1, m), gap)) continue;
      const whole: Stretch = { plane, from: before.from, to: after.to };
      const rest = closePassages(view, [...stretches.slice(0, n), whole, ...stretches.slice(m + 1)]);
      return { stretches: rest.stretches, passages: [gap, ...rest.passages] };
    }
  return { stretches: [...stretches], passages: [] };
}

function isPassage(view: View, behind: readonly Stretch[], gap: Passage): boolean {
  const width = Math.abs(
    alongWall(view.upright, gap.plane, columnU(view, gap.to)) -
      alongWall(view.upright, gap.plane, columnU(view, gap.from)),
  );
  if (width < PASSAGE_MIN || width > PASSAGE_MAX) return false;
  return behind.every(({ plane, from, to }) => {
    const u = columnU(view, (from + to) / 2);
    return footT(view, plane, u) > footT(view, gap.plane, u);
  });
}

/** Where on the wall's own axis `u` meets it, in camera heights. */
export function alongWall(upright: Upright, plane: Plane, u: number): number {
  const [p, q] = upright.normal(plane.axis);
  const [x, z] = upright.toFloor({ u, t: -plane.nearness * (p + q * u) });
  return plane.axis === 0 ? z : x;
}

/** Walls in metres, from the right to the left as seen, so that the room lies on their left. */
export function wallsOf(
  view: View,
  feet: readonly Foot[],
  proven: Uint8Array,
  { scale, height }: { scale: number; height: number },
): Wall[] {
  const point = ({ u, t }: Foot['left']): FloorPoint => {
    const [x, z] = view.upright.toFloor({ u, t });
    return [x * scale, z * scale];
  };
  return feet.toReversed().map(({ left, right }) => {
    const from = Math.max(0, columnOf(view, left.u));
    const to = Math.min(view.columns - 1, columnOf(view, right.u));
    const seen = proven.slice(from, to + 1);
    const confidence = seen.length === 0 ? 0 : seen.reduce((sum, one) => sum + one, 0) / seen.length;
    return { from: point(right), to: point(left), height, confidence };
  });
}
