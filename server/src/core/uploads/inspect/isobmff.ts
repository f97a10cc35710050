/** A broken rule of the container or its bitstream. Its readers serve several formats; whoever calls them names the file. */
export class Damaged extends Error {}

/** @param fault a clause, for example "two items share an id" */
export function damaged(fault: string): Damaged {
  return new Damaged(fault);
}

/** A box of an ISO media file (ISO/IEC 14496-12 section 4.2). */
export interface Box {
  readonly type: string;
  /** First byte of the box. */
  readonly at: number;
  /** First byte behind the header. */
  readonly from: number;
  /** First byte behind the box. */
  readonly to: number;
}

/** The box at `at`, or null when there is none that ends by `limit`. */
export function readBox(buf: Buffer, at: number, limit: number): Box | null {
  if (at + 8 > limit) return null;
  const size = buf.readUInt32BE(at);
  const type = buf.toString('latin1', at + 4, at + 8);
  // Size 0 means: to the end of the file. Size 1: the length follows as 64 bits.
  if (size === 0) return { type, at, from: at + 8, to: limit };
  if (size !== 1) return fit({ type, at, from: at + 8, to: at + size }, limit);
  if (at + 16 > limit) return null;
  // Beyond 2^53 the sum is inexact, but far behind any limit all the same.
  return fit(
    { type, at, from: at + 16, to: at + buf.readUInt32BE(at + 8) * 2 ** 32 + buf.readUInt32BE(at + 12) },
    limit,
  );
}

function fit(box: Box, limit: number): Box | null {
  return box.to >= box.from && box.to <= limit ? box : null;
}

/** The boxes that fill [from, to), at most `most`. */
export function readBoxes(buf: Buffer, from: number, to: number, most: number): Box[] {
  const boxes: Box[] = [];
  for (let pos = from; pos < to; ) {
    const box = readBox(buf, pos, to);
    if (!box) throw damaged(`its box at byte ${pos} is not inside the one around it`);
    if (boxes.push(box) > most) throw damaged(`it has more than ${most} boxes in a row`);
    pos = box.to;
  }
  return boxes;
}

/** The one box of a type that must stand exactly once. */
export function only(boxes: readonly Box[], type: string): Box {
  const [box, second] = boxes.filter((candidate) => candidate.type === type);
  if (!box || second) throw damaged(`it has ${box ? 'two boxes' : 'no box'} ${type}`);
  return box;
}

/** A picture in a grid of tiles has some hundred items; decoders refuse more than this. */
export const MAX_ITEMS = 1000;

/** A count of items, refused before anything is read or kept for them. */
export function boundItems(count: number): number {
  if (count > MAX_ITEMS) throw damaged(`it has ${count} items, more than ${MAX_ITEMS}`);
  return count;
}

/** Reads numbers in order; reading behind the end refuses the file. */
export class Fields {
  private readonly buf: Buffer;
  private readonly to: number;
  pos: number;

  constructor(buf: Buffer, from: number, to: number) {
    this.buf = buf;
    this.pos = from;
    this.to = to;
  }

  /** Unsigned number of 0, 1, 2, 4 or 8 bytes; 0 bytes read as 0. */
  uint(bytes: number): number {
    const at = this.skip(bytes);
    switch (bytes) {
      case 0:
        return 0;
      case 1:
        return this.buf.readUInt8(at);
      case 2:
        return this.buf.readUInt16BE(at);
      case 4:
        return this.buf.readUInt32BE(at);
      case 8:
        return this.buf.readUInt32BE(at) * 2 ** 32 + this.buf.readUInt32BE(at + 4);
      default:
        throw damaged(`a number of ${bytes} bytes is not possible`);
    }
  }

  text(bytes: number): string {
    const at = this.skip(bytes);
    return this.buf.toString('latin1', at, at + bytes);
  }

  /** Version and flags of a full box. */
  fullBox(): { version: number; flags: number } {
    const word = this.uint(4);
    return { version: word >>> 24, flags: word & 0xffffff };
  }

  /** Moves on; answers where the skipped bytes start. */
  skip(bytes: number): number {
    const at = this.pos;
    if (at + bytes > this.to) throw damaged('a box ends in the middle of a field');
    this.pos = at + bytes;
    return at;
  }
}
