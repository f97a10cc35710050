import { numberAt } from '../geometry/score.ts';
import { byteAt, type Picture as Photo } from '../room/picture.ts';
import { edges, type Polygon } from './plane.ts';

/** Step of brightness between neighbours, of 255, from which on something ends there: a frame, a beam, a cupboard. */
const EDGE = 14;
/** Pixels between what is compared, so that soft edges count. */
const REACH = 2;
/** Share of a plain wall that may be so: a switch, noise. */
const EDGES_MOST = 0.006;
const BLOWN = 250;
const BLOWN_MOST = 0.1;
/** Pixels around a place that must be plain, too. */
const MARGIN = 5;
/** Light on one surface runs evenly; a corner or the foot of a slope bends it by more than so many levels, of 255. */
const BEND = 2.6;
/** And by more than this share of how much it varies at all. */
const BEND_SHARE = 0.3;

/** Where a photo shows plain wall: no door, window, beam or cupboard that the room's reading missed. */
export class Backdrop {
  readonly #width: number;
  readonly #height: number;
  /** For each pixel how many edges, and blown-out pixels, lie left of it in its row; one more than pixels in a row. */
  readonly #edges: Uint16Array;
  readonly #blown: Uint16Array;
  readonly #luma: Uint8Array;

  constructor(photo: Photo) {
    const { width, height } = photo;
    this.#width = width;
    this.#height = height;
    this.#edges = new Uint16Array((width + 1) * height);
    this.#blown = new Uint16Array((width + 1) * height);
    const luma = lumaOf(photo);
    this.#luma = luma;
    for (let y = 0; y < height; y += 1) {
      const below = Math.min(height - 1, y + REACH);
      let steps = 0;
      let white = 0;
      for (let x = 0; x < width; x += 1) {
        const here = byteAt(luma, y * width + x);
        const beside = byteAt(luma, y * width + Math.min(width - 1, x + REACH));
        const under = byteAt(luma, below * width + x);
        if (Math.abs(beside - here) > EDGE || Math.abs(under - here) > EDGE) steps += 1;
        if (here > BLOWN) white += 1;
        this.#edges[y * (width + 1) + x + 1] = steps;
        this.#blown[y * (width + 1) + x + 1] = white;
      }
    }
  }

  /** @param outline pixels of the photo; convex */
  isPlain(outline: Polygon): boolean {
    let all = 0;
    let steps = 0;
    let white = 0;
    const ys = outline.map(([, y]) => y);
    const top = Math.max(0, Math.floor(Math.min(...ys) - MARGIN));
    const bottom = Math.min(this.#height - 1, Math.ceil(Math.max(...ys) + MARGIN));
    for (let y = top; y <= bottom; y += 1) {
      const [left, right] = this.#rowOf(outline, Math.min(Math.max(y, Math.min(...ys)), Math.max(...ys)));
      if (right <= left) continue;
      const row = y * (this.#width + 1);
      all += right - left;
      steps += (this.#edges[row + right] as number) - (this.#edges[row + left] as number);
      white += (this.#blown[row + right] as number) - (this.#blown[row + left] as number);
    }
    return all > 0 && steps <= EDGES_MOST * all && white <= BLOWN_MOST * all;
  }

  /**
   * Whether light lies on it as on one surface: a plane through its brightness leaves little over.
   * @param outline pixels of the photo; convex
   */
  isOneSurface(outline: Polygon): boolean {
    const ys = outline.map(([, y]) => y);
    const top = Math.max(0, Math.floor(Math.min(...ys)));
    const bottom = Math.min(this.#height - 1, Math.ceil(Math.max(...ys)));
    const moments = new Moments();
    for (let y = top; y <= bottom; y += 1) {
      const [left, right] = this.#rowOf(outline, Math.min(Math.max(y, Math.min(...ys)), Math.max(...ys)));
      for (let x = left; x < right; x += 1) moments.add(x, y, byteAt(this.#luma, y * this.#width + x));
    }
    const { whole, left } = moments.spread();
    return left <= Math.max(BEND, BEND_SHARE * whole);
  }

  /** First pixel of a row within an outline and its margin, and the first one beyond. */
  #rowOf(outline: Polygon, y: number): [number, number] {
    let left = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    for (const [[ax, ay], [bx, by]] of edges(outline)) {
      if (y < Math.min(ay, by) || y > Math.max(ay, by)) continue;
      const x = ay === by ? ax : ax + ((bx - ax) * (y - ay)) / (by - ay);
      left = Math.min(left, x);
      right = Math.max(right, x);
    }
    const within = (x: number) => Math.min(this.#width, Math.max(0, Math.round(x)));
    return [within(left - MARGIN), within(right + MARGIN)];
  }
}

/** Sums of a brightness over places. */
class Moments {
  readonly #sums = new Float64Array(10);

  add(x: number, y: number, value: number): void {
    const terms = [1, x, y, value, x * x, x * y, y * y, x * value, y * value, value * value];
    for (const [n, term] of terms.entries()) this.#sums[n] = numberAt(this.#sums, n) + term;
  }

  /** Standard deviations: of all values, and of what the best plane through them leaves. */
  spread(): { whole: number; left: number } {
    const [n = 0, x = 0, y = 0, v = 0, xx = 0, xy = 0, yy = 0, xv = 0, yv = 0, vv = 0] = this.#sums;
    if (n === 0) return { whole: 0, left: 0 };
    const about = (sum: number, a: number, b: number) => sum - (a * b) / n;
    const [cxx, cxy, cyy] = [about(xx, x, x), about(xy, x, y), about(yy, y, y)];
    const [cxv, cyv, cvv] = [about(xv, x, v), about(yv, y, v), about(vv, v, v)];
    const det = cxx * cyy - cxy * cxy;
    const explained = det > 0 ? (cxv * (cxv * cyy - cyv * cxy) + cyv * (cyv * cxx - cxv * cxy)) / det : 0;
    return { whole: Math.sqrt(cvv / n), left: Math.sqrt(Math.max(0, cvv - explained) / n) };
  }
}

function lumaOf({ rgb, width, height }: Photo): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let n = 0; n < luma.length; n += 1)
    luma[n] = 0.3 * byteAt(rgb, n * 3) + 0.59 * byteAt(rgb, n * 3 + 1) + 0.11 * byteAt(rgb, n * 3 + 2);
  return luma;
}
