import type { Segment } from './segments.ts';

const ANGLE = (1.5 * Math.PI) / 180;
/** Pixels off the line of the longer one. */
const OFFSET = 1.5;
const GAP_MIN = 12;
/** Of the longer one's length. */
const GAP_SHARE = 0.35;

/** Joins pieces of one line, the longest first: a skirting board behind a chair leg is one edge. */
export function mergeCollinear(segments: readonly Segment[]): Segment[] {
  const open = segments.toSorted((a, b) => b.length - a.length);
  const merged: Segment[] = [];
  const used = new Set<Segment>();
  for (const first of open) {
    if (used.has(first)) continue;
    let line = first;
    for (let grown = true; grown; ) {
      grown = false;
      for (const other of open) {
        if (other === first || used.has(other) || other.length > line.length) continue;
        const joined = join(line, other);
        if (!joined) continue;
        used.add(other);
        line = joined;
        grown = true;
      }
    }
    merged.push(line);
  }
  return merged;
}

function join(line: Segment, other: Segment): Segment | undefined {
  const ux = (line.x2 - line.x1) / line.length;
  const uy = (line.y2 - line.y1) / line.length;
  const turned = Math.abs((other.x2 - other.x1) * uy - (other.y2 - other.y1) * ux) / other.length;
  if (turned > Math.sin(ANGLE)) return undefined;
  const along: number[] = [];
  for (const [x, y] of [
    [other.x1, other.y1],
    [other.x2, other.y2],
  ] as const) {
    if (Math.abs((x - line.x1) * uy - (y - line.y1) * ux) > OFFSET) return undefined;
    along.push((x - line.x1) * ux + (y - line.y1) * uy);
  }
  const near = Math.min(...along);
  const far = Math.max(...along);
  const gap = Math.max(near - line.length, -far, 0);
  if (gap > Math.max(GAP_MIN, GAP_SHARE * line.length)) return undefined;
  const from = Math.min(0, near);
  const to = Math.max(line.length, far);
  return {
    x1: line.x1 + ux * from,
    y1: line.y1 + uy * from,
    x2: line.x1 + ux * to,
    y2: line.y1 + uy * to,
    length: to - from,
  };
}
