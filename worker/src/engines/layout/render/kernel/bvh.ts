import { f32, i32, u32 } from './at.ts';

/** Floats of a node: lower x, upper x, lower y, upper y, lower z, upper z and the child, each for four children. */
export const NODE = 28;
/** Floats of a block: a corner and two edges, nine numbers, and the triangle, each for four triangles. */
export const BLOCK = 40;
/** Nodes deeper than this halve their triangles, so that the stack of a ray is bounded. */
const DEEP = 40;
const BINS = 16;
/** Where a place is empty: no ray gets there, and no product of it is infinite minus infinite. */
const NOWHERE = 1e30;
/** In the number of a triangle: light goes through it. */
export const CLEAR = 0x80000000;

/** Triangles in a tree of four-wide boxes, laid out for four-wide arithmetic. */
export interface Bvh {
  /** `NODE` floats each; a child is an index of a node, or below zero the complement of an index of a block. */
  readonly nodes: Float32Array;
  /** `BLOCK` floats each. */
  readonly blocks: Float32Array;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly depth: number;
  /** Half the surface of its box. */
  readonly area: number;
}

/**
 * @param positions three numbers a vertex
 * @param triangles three vertices each
 * @param clear whether a triangle lets light through
 */
export function buildBvh(
  positions: Float32Array,
  triangles: Uint32Array,
  clear: (triangle: number) => boolean = () => false,
): Bvh {
  const builder = new Builder(positions, triangles, clear);
  return builder.build();
}

class Builder {
  readonly #positions: Float32Array;
  readonly #triangles: Uint32Array;
  readonly #clear: (triangle: number) => boolean;
  /** Triangles in the order of the leaves. */
  readonly #order: Int32Array;
  /** Six numbers a triangle: its box. */
  readonly #boxes: Float32Array;
  readonly #bins = new Float32Array(BINS * 6);
  readonly #counts = new Int32Array(BINS);
  readonly #fromRight = new Float32Array(BINS);
  readonly #box = new Float32Array(6);
  readonly #nodes = new Words(NODE);
  readonly #blocks = new Words(BLOCK);

  constructor(positions: Float32Array, triangles: Uint32Array, clear: (triangle: number) => boolean) {
    this.#positions = positions;
    this.#triangles = triangles;
    this.#clear = clear;
    const count = triangles.length / 3;
    this.#order = Int32Array.from({ length: count }, (_, n) => n);
    this.#boxes = new Float32Array(6 * count);
    for (let n = 0; n < count; n += 1) {
      for (let axis = 0; axis < 3; axis += 1) {
        const [a, b, c] = [this.#corner(n, 0, axis), this.#corner(n, 1, axis), this.#corner(n, 2, axis)];
        this.#boxes[6 * n + axis] = Math.min(a, b, c);
        this.#boxes[6 * n + 3 + axis] = Math.max(a, b, c);
      }
    }
  }

  build(): Bvh {
    this.#node([this.#range(0, this.#order.length, 0)]);
    return { nodes: this.#nodes.floats(), blocks: this.#blocks.floats() };
  }

  #corner(triangle: number, corner: number, axis: number): number {
    return f32(this.#positions, 3 * u32(this.#triangles, 3 * triangle + corner) + axis);
  }

  #range(start: number, end: number, depth: number): Range {
    const box = this.#boundsOf(start, end);
    const [x, y, z] = [f32(box, 3) - f32(box, 0), f32(box, 4) - f32(box, 1), f32(box, 5) - f32(box, 2)];
    return { start, end, depth, area: x * y + y * z + z * x };
  }

  #boundsOf(start: number, end: number): Float32Array {
    const box = this.#box;
    box.fill(NOWHERE, 0, 3).fill(-NOWHERE, 3);
    for (let n = start; n < end; n += 1) this.#grow(box, 0, i32(this.#order, n));
    return box;
  }

  #grow(box: Float32Array, at: number, triangle: number): void {
    for (let axis = 0; axis < 3; axis += 1) {
      box[at + axis] = Math.min(f32(box, at + axis), f32(this.#boxes, 6 * triangle + axis));
      box[at + 3 + axis] = Math.max(f32(box, at + 3 + axis), f32(this.#boxes, 6 * triangle + 3 + axis));
    }
  }

  /** Splits the widest of the ranges until there are four, and writes a node of them. @returns its index */
  #node(ranges: Range[]): number {
    while (ranges.length < 4) {
      const splittable = ranges.filter(({ start, end }) => end - start > 4);
      if (splittable.length === 0) break;
      const widest = splittable.reduce((best, one) => (one.area > best.area ? one : best));
      ranges.splice(ranges.indexOf(widest), 1, ...this.#split(widest));
    }
    const index = this.#nodes.add();
    const at = index * NODE;
    for (let n = at; n < at + 24; n += 1) this.#nodes.setFloat(n, NOWHERE);
    ranges.forEach((range, lane) => {
      if (range.start === range.end) return;
      const box = this.#boundsOf(range.start, range.end);
      for (let axis = 0; axis < 3; axis += 1) {
        this.#nodes.setFloat(at + 8 * axis + lane, f32(box, axis));
        this.#nodes.setFloat(at + 8 * axis + 4 + lane, f32(box, 3 + axis));
      }
      const leaf = range.end - range.start <= 4;
      const child = leaf ? ~this.#block(range) : this.#node([range]);
      this.#nodes.setInt(at + 24 + lane, child);
    });
    return index;
  }

  /** What is left empty is a triangle without a surface, which is never hit. */
  #block({ start, end }: Range): number {
    const index = this.#blocks.add();
    for (let lane = 0; lane < 4; lane += 1) {
      const at = index * BLOCK + lane;
      const triangle = start + lane < end ? i32(this.#order, start + lane) : -1;
      this.#blocks.setInt(at + 36, triangle >= 0 && this.#clear(triangle) ? triangle | CLEAR : triangle);
      if (triangle < 0) continue;
      for (let axis = 0; axis < 3; axis += 1) {
        const corner = this.#corner(triangle, 0, axis);
        this.#blocks.setFloat(at + 4 * axis, corner);
        this.#blocks.setFloat(at + 12 + 4 * axis, this.#corner(triangle, 1, axis) - corner);
        this.#blocks.setFloat(at + 24 + 4 * axis, this.#corner(triangle, 2, axis) - corner);
      }
    }
    return index;
  }

  #middle(triangle: number, axis: number): number {
    return f32(this.#boxes, 6 * triangle + axis) + f32(this.#boxes, 6 * triangle + 3 + axis);
  }

  /** By the surface area heuristic over equal bins of the boxes' middles, along their longest extent. */
  #split({ start, end, depth }: Range): [Range, Range] {
    const { axis, low, extent } = this.#extent(start, end);
    let middle = (start + end) >> 1;
    if (depth < DEEP && extent > 1e-9) {
      const scale = (BINS * (1 - 1e-6)) / extent;
      this.#fillBins(start, end, axis, low, scale);
      middle = this.#partition(start, end, { axis, bin: this.#cheapest(), low, scale });
    }
    return [this.#range(start, middle, depth + 1), this.#range(middle, end, depth + 1)];
  }

  #extent(start: number, end: number): { axis: number; low: number; extent: number } {
    let widest = { axis: 0, low: 0, extent: 0 };
    for (let axis = 0; axis < 3; axis += 1) {
      let low = Number.POSITIVE_INFINITY;
      let high = Number.NEGATIVE_INFINITY;
      for (let n = start; n < end; n += 1) {
        const middle = this.#middle(i32(this.#order, n), axis);
        if (middle < low) low = middle;
        if (middle > high) high = middle;
      }
      if (high - low > widest.extent) widest = { axis, low, extent: high - low };
    }
    return widest;
  }

  #fillBins(start: number, end: number, axis: number, low: number, scale: number): void {
    this.#counts.fill(0);
    for (let bin = 0; bin < BINS; bin += 1)
      this.#bins.fill(NOWHERE, 6 * bin, 6 * bin + 3).fill(-NOWHERE, 6 * bin + 3, 6 * bin + 6);
    for (let n = start; n < end; n += 1) {
      const triangle = i32(this.#order, n);
      const bin = Math.floor((this.#middle(triangle, axis) - low) * scale);
      this.#counts[bin] = i32(this.#counts, bin) + 1;
      this.#grow(this.#bins, 6 * bin, triangle);
    }
  }

  /** The border between two bins that costs a ray least. */
  #cheapest(): number {
    const box = this.#box;
    const sweep = (bin: number) => {
      for (let axis = 0; axis < 3; axis += 1) {
        box[axis] = Math.min(f32(box, axis), f32(this.#bins, 6 * bin + axis));
        box[3 + axis] = Math.max(f32(box, 3 + axis), f32(this.#bins, 6 * bin + 3 + axis));
      }
      const [x, y, z] = [f32(box, 3) - f32(box, 0), f32(box, 4) - f32(box, 1), f32(box, 5) - f32(box, 2)];
      return x < 0 ? 0 : x * y + y * z + z * x;
    };
    box.fill(NOWHERE, 0, 3).fill(-NOWHERE, 3);
    let count = 0;
    for (let bin = BINS - 1; bin > 0; bin -= 1) {
      count += i32(this.#counts, bin);
      this.#fromRight[bin] = count === 0 ? Number.POSITIVE_INFINITY : sweep(bin) * count;
    }
    box.fill(NOWHERE, 0, 3).fill(-NOWHERE, 3);
    let best = { cost: Number.POSITIVE_INFINITY, bin: 1 };
    count = 0;
    for (let bin = 1; bin < BINS; bin += 1) {
      count += i32(this.#counts, bin - 1);
      const cost = sweep(bin - 1) * count + f32(this.#fromRight, bin);
      if (count > 0 && cost < best.cost) best = { cost, bin };
    }
    return best.bin;
  }

  #partition(
    start: number,
    end: number,
    { axis, bin, low, scale }: { axis: number; bin: number; low: number; scale: number },
  ): number {
    let left = start;
    let right = end - 1;
    while (left <= right) {
      const triangle = i32(this.#order, left);
      if (Math.floor((this.#middle(triangle, axis) - low) * scale) < bin) left += 1;
      else {
        this.#order[left] = i32(this.#order, right);
        this.#order[right] = triangle;
        right -= 1;
      }
    }
    return left;
  }
}

/** Records of 32-bit numbers, whole or not, that grow. */
class Words {
  readonly #size: number;
  #count = 0;
  #floats = new Float32Array(0);
  #ints = new Int32Array(0);

  /** @param size numbers in a record */
  constructor(size: number) {
    this.#size = size;
  }

  /** @returns the index of a new record of zeros */
  add(): number {
    const needed = (this.#count + 1) * this.#size;
    if (needed > this.#floats.length) {
      const grown = new Float32Array(Math.max(64 * this.#size, 2 * this.#floats.length));
      // As whole numbers: moved as floats, some bit patterns would change.
      new Int32Array(grown.buffer).set(this.#ints);
      this.#floats = grown;
      this.#ints = new Int32Array(grown.buffer);
    }
    this.#count += 1;
    return this.#count - 1;
  }

  setFloat(at: number, value: number): void {
    this.#floats[at] = value;
  }

  setInt(at: number, value: number): void {
    this.#ints[at] = value;
  }

  floats(): Float32Array {
    return this.#floats.subarray(0, this.#count * this.#size);
  }
}
