/**
 * A JPEG of flat squares of 8 pixels, written by hand (ITU-T T.81): its samples are exactly those that were given, in
 * any number of components and with any marker. No encoder at hand writes CMYK without Adobe's marker, or YCCK.
 */

interface FlatJpeg {
  readonly width: number;
  readonly height: number;
  /** Interleaved samples, one for each component of each pixel. */
  readonly samples: Uint8Array;
  readonly components: 1 | 3 | 4;
  /** Colour transform of Adobe's marker (APP14): 0 none, 1 YCbCr, 2 YCCK. Without it there is no marker. */
  readonly adobe?: 0 | 1 | 2;
  /** The marker of the frame, and its bits per sample: other than 0xC0 and 8 the file lies. */
  readonly frame?: { readonly marker: number; readonly precision: number };
}

const SIDE = 8;
/** Twelve sizes of a DC difference, each with a code of four bits; the only AC code is the end of the block. */
const DC_TABLE = [0x00, 0, 0, 0, 12, ...Array(12).fill(0), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
const AC_TABLE = [0x10, 1, ...Array(15).fill(0), 0];

export function flatJpeg(jpeg: FlatJpeg): Buffer {
  const { width, height, components, adobe, frame = { marker: 0xc0, precision: 8 } } = jpeg;
  const ids = Array.from({ length: components }, (_, i) => i + 1);
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    adobe === undefined
      ? Buffer.alloc(0)
      : segment(0xee, [...Buffer.from('Adobe'), 0, 100, 0, 0, 0, 0, adobe]),
    segment(0xdb, [0, ...Array(64).fill(1)]),
    segment(frame.marker, [
      frame.precision,
      height >> 8,
      height & 255,
      width >> 8,
      width & 255,
      components,
      ...ids.flatMap((id) => [id, 0x11, 0]),
    ]),
    segment(0xc4, DC_TABLE),
    segment(0xc4, AC_TABLE),
    segment(0xda, [components, ...ids.flatMap((id) => [id, 0]), 0, 63, 0]),
    scan(jpeg),
    Buffer.from([0xff, 0xd9]),
  ]);
}

function segment(marker: number, payload: readonly number[]): Buffer {
  const length = payload.length + 2;
  return Buffer.from([0xff, marker, length >> 8, length & 255, ...payload]);
}

function scan({ width, height, samples, components }: FlatJpeg): Buffer {
  const last = Array<number>(components).fill(0);
  let bits = '';
  for (let y = 0; y < height; y += SIDE) {
    for (let x = 0; x < width; x += SIDE) {
      for (let component = 0; component < components; component++) {
        // The mean of a block, times 8, is its DC coefficient.
        const dc = SIDE * ((samples[components * (y * width + x) + component] ?? 0) - 128);
        bits += `${codeOf(dc - (last[component] ?? 0))}0`;
        last[component] = dc;
      }
    }
  }
  const bytes = (bits.padEnd(Math.ceil(bits.length / 8) * 8, '1').match(/.{8}/g) ?? []).map((byte) => {
    return Number.parseInt(byte, 2);
  });
  return Buffer.from(bytes.flatMap((byte) => (byte === 0xff ? [0xff, 0] : [byte])));
}

/** The size of a difference and its bits (T.81 section F.1.2.1). */
function codeOf(difference: number): string {
  const size = Math.abs(difference).toString(2).length;
  if (difference === 0) return '0000';
  const bits = difference > 0 ? difference : difference + 2 ** size - 1;
  return size.toString(2).padStart(4, '0') + bits.toString(2).padStart(size, '0');
}
