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

/** Where a photo shows plain wall: no door, window, beam or cupboard that the room's reading missed. */
export class Backdrop {
  readonly #width: number;
  readonly #height: number;
  /** For each pixel how many edges, and blown-out pixels, lie left of it in its row; one more than pixels in a row. */
  readonly #edges: Uint16Array;
  readonly #blown: Uint16Array;

  constructor(photo: Photo) {
    const { width, height } = photo;
    this.#width = width;
    this.#height = height;
    this.#edges = new Uint16Array((width + 1) * height);
    this.#blown = new Uint16Array((width + 1) * height);
    const luma = lumaOf(photo);
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

function lumaOf({ rgb, width, height }: Photo): Uint8Array {
  const luma = new Uint8Array(width * height);
  for (let n = 0; n < luma.length; n += 1)
    luma[n] = 0.3 * byteAt(rgb, n * 3) + 0.59 * byteAt(rgb, n * 3 + 1) + 0.11 * byteAt(rgb, n * 3 + 2);
  return luma;
}
