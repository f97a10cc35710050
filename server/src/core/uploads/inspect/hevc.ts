import { Bits } from './bits.ts';
import { damaged } from './isobmff.ts';

export interface HevcFrame {
  readonly width: number;
  readonly height: number;
  /** Of a luma sample. */
  readonly bitDepth: number;
}

/** Where the arrays start, and how many there are one byte before (ISO/IEC 14496-15 section 8.3.3.1.2). */
const ARRAYS_AT = 23;
const MAX_PARAMETER_SETS = 64;
/** Types of NAL units (H.265 table 7-1). */
const NAL_IRAP_FIRST = 16;
const NAL_IRAP_LAST = 21;
const NAL_VCL_LAST = 31;
const NAL_SPS = 33;

/**
 * The frames that a decoder will allocate for: each sequence parameter set of the decoder's configuration, and those
 * that a hostile file repeats inside its picture data with another size.
 * @param config payload of the box `hvcC`
 * @param data the item's bytes: one picture that needs no other
 */
export function readHevcFrames(config: Buffer, data: Buffer): HevcFrame[] {
  const frames = readConfigured(config).map(readSps);
  if (frames.length === 0) throw damaged('its decoder configuration has no sequence header');
  const lengthBytes = 1 + ((config[ARRAYS_AT - 2] ?? 0) & 3);
  let pictures = 0;
  for (let pos = 0; pos < data.length; ) {
    if (pos + lengthBytes > data.length) throw damaged('its picture data ends in the middle of a length');
    const from = pos + lengthBytes;
    pos = from + data.readUIntBE(pos, lengthBytes);
    if (pos > data.length || pos - from < 3) throw damaged('its picture data is not a row of units');
    const type = nalType(data, from);
    if (type === NAL_SPS) frames.push(readSps(data.subarray(from, pos)));
    if (type <= NAL_VCL_LAST && startsPicture(data, from)) {
      if (type < NAL_IRAP_FIRST || type > NAL_IRAP_LAST) throw damaged('its picture depends on another one');
      // Empty frames take some 30 bytes each and cost a decoder the whole picture.
      if (++pictures > 1) throw damaged('an item holds several pictures');
    }
  }
  if (pictures === 0) throw damaged('a picture has no data');
  return frames;
}

function nalType(data: Buffer, at: number): number {
  return (data.readUInt8(at) >> 1) & 63;
}

/** first_slice_segment_in_pic_flag, of the base layer. */
function startsPicture(data: Buffer, at: number): boolean {
  const layer = (data.readUInt16BE(at) >> 3) & 63;
  return layer === 0 && data.readUInt8(at + 2) >= 0x80;
}

function readConfigured(config: Buffer): Buffer[] {
  const found: Buffer[] = [];
  let pos = ARRAYS_AT;
  const take = (bytes: number): number => {
    if (pos + bytes > config.length) throw damaged('its decoder configuration is cut short');
    pos += bytes;
    return pos - bytes;
  };
  const arrays = config.readUInt8(take(0) - 1);
  for (let i = 0; i < arrays; i++) {
    take(1); // completeness and type, which each unit repeats
    const units = config.readUInt16BE(take(2));
    for (let unit = 0; unit < units; unit++) {
      const length = config.readUInt16BE(take(2));
      const from = take(length);
      if (length < 3 || nalType(config, from) !== NAL_SPS) continue;
      found.push(config.subarray(from, pos));
      if (found.length > MAX_PARAMETER_SETS) throw damaged('its decoder configuration has too many parts');
    }
  }
  return found;
}

/** Samples of a chroma format in a row and in a column of luma (H.265 table 6-1). */
const CHROMA: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 2],
  [2, 1],
  [1, 1],
];

/** The head of a sequence parameter set (H.265 section 7.3.2.2), the size less the conformance window. */
function readSps(nal: Buffer): HevcFrame {
  const bits = new Bits(removeEscapes(nal.subarray(2, 2 + SPS_BYTES)));
  bits.skip(4); // sps_video_parameter_set_id
  const subLayers = bits.read(3);
  bits.skip(1); // sps_temporal_id_nesting_flag
  skipProfile(bits, subLayers);
  bits.readExpGolomb(); // sps_seq_parameter_set_id
  const format = bits.readExpGolomb();
  const [columns, rows] = CHROMA[format] ?? [];
  if (columns === undefined || rows === undefined) throw damaged('its chroma format does not exist');
  if (format === 3) bits.skip(1); // separate_colour_plane_flag
  const width = bits.readExpGolomb();
  const height = bits.readExpGolomb();
  const [left, right, top, bottom] =
    bits.read(1) === 1
      ? [bits.readExpGolomb(), bits.readExpGolomb(), bits.readExpGolomb(), bits.readExpGolomb()]
      : [0, 0, 0, 0];
  const bitDepth = 8 + bits.readExpGolomb();
  return { width: width - columns * (left + right), height: height - rows * (top + bottom), bitDepth };
}

/** The fields that are read take at most a hundred bytes; what follows describes the picture's use. */
const SPS_BYTES = 256;

/** profile_tier_level (H.265 section 7.3.3) */
function skipProfile(bits: Bits, subLayers: number): void {
  bits.skip(88 + 8);
  const present = Array.from({ length: subLayers }, () => [bits.read(1), bits.read(1)] as const);
  if (subLayers > 0) bits.skip(2 * (8 - subLayers));
  for (const [profile, level] of present) bits.skip(88 * profile + 8 * level);
}

/** Takes the byte 3 out that stands before what would look like a start code (H.265 section 7.3.1.1). */
function removeEscapes(data: Buffer): Buffer {
  const plain: number[] = [];
  let zeros = 0;
  for (const byte of data) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    plain.push(byte);
  }
  return Buffer.from(plain);
}
