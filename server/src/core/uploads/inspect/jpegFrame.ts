import { corrupt, Refusal } from './verdict.ts';

/** The frame header (ITU-T T.81 section B.2.2). */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly componentIds: readonly number[];
  /** Fewest bytes of scan data that can describe every block of the frame. */
  readonly minScanBytes: number;
}

interface Component {
  readonly id: number;
  readonly h: number;
  readonly v: number;
}

const SOF_BASELINE = 0xc0;
const SOF_EXTENDED = 0xc1;
const SOF_PROGRESSIVE = 0xc2;
const NOT_SOF = [0xc4, 0xc8, 0xcc];

export function isFrameMarker(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !NOT_SOF.includes(marker);
}

/** Reads the frame header at [from, to), the segment's payload. */
export function readFrame(buf: Buffer, marker: number, from: number, to: number): Frame {
  refuseProcess(marker);
  if (to - from < 6) throw corrupt('JPEG', 'its frame header is too short');
  refusePrecision(buf.readUInt8(from));
  const height = buf.readUInt16BE(from + 1);
  const width = buf.readUInt16BE(from + 3);
  const components = readComponents(buf, from + 5, to);
  const progressive = marker === SOF_PROGRESSIVE;
  return {
    width,
    height,
    progressive,
    componentIds: components.map(({ id }) => id),
    minScanBytes: minScanBytes(width, height, components, progressive),
  };
}

function refuseProcess(marker: number): void {
  if (marker === SOF_BASELINE || marker === SOF_EXTENDED || marker === SOF_PROGRESSIVE) return;
  const kind = marker >= 0xc9 ? 'an arithmetic-coded' : marker === 0xc3 ? 'a lossless' : 'a hierarchical';
  throw new Refusal(
    'unsupported_format',
    `The file is ${kind} JPEG; baseline and progressive JPEG are accepted. Export the photo as an ordinary JPEG.`,
  );
}

function refusePrecision(precision: number): void {
  if (precision === 8) return;
  if (precision !== 12) throw corrupt('JPEG', `it declares ${precision} bits per sample`);
  throw new Refusal(
    'unsupported_format',
    'The file is a JPEG of 12 bits per sample; 8 bits are accepted. Export the photo as an ordinary JPEG.',
  );
}

function readComponents(buf: Buffer, from: number, to: number): Component[] {
  const count = buf.readUInt8(from);
  if (count !== 1 && count !== 3 && count !== 4)
    throw corrupt('JPEG', `it declares ${count} colour components`);
  if (to - from !== 1 + 3 * count) throw corrupt('JPEG', 'its frame header has the wrong length');
  const components = Array.from({ length: count }, (_, i): Component => {
    const entry = from + 1 + 3 * i;
    const sampling = buf.readUInt8(entry + 1);
    return { id: buf.readUInt8(entry), h: sampling >> 4, v: sampling & 15 };
  });
  if (components.some(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4)) {
    throw corrupt('JPEG', 'its sampling factors are out of range');
  }
  if (new Set(components.map(({ id }) => id)).size !== count)
    throw corrupt('JPEG', 'two components share an id');
  return components;
}

/**
 * A block of 8 x 8 samples costs at least one bit for its DC code and, unless its AC scans come separately, one for the
 * end of the block. Less data than that is a picture cut short, or a bomb: large on paper, small on the wire.
 */
function minScanBytes(
  width: number,
  height: number,
  components: readonly Component[],
  progressive: boolean,
): number {
  const hMax = Math.max(...components.map(({ h }) => h));
  const vMax = Math.max(...components.map(({ v }) => v));
  const blocks = components
    .map(({ h, v }) => Math.ceil((width * h) / hMax / 8) * Math.ceil((height * v) / vMax / 8))
    .reduce((sum, count) => sum + count, 0);
  return Math.floor((blocks * (progressive ? 1 : 2)) / 8);
}
