import { Bits } from './bits.ts';
import { damaged } from './isobmff.ts';

const OBU_SEQUENCE_HEADER = 1;
const OBU_TEMPORAL_DELIMITER = 2;
/** A sequence header takes a few dozen bytes; delimiters and padding may stand before it. */
const MAX_OBUS = 8;

/**
 * Largest frame that an AV1 bitstream allows, from the sequence header at its start (AV1 specification section 5.5).
 * This is what a decoder allocates for, whatever the container says.
 */
export function readAv1FrameSize(data: Buffer): { width: number; height: number } {
  let pos = 0;
  for (let obus = 0; obus < MAX_OBUS && pos < data.length; obus++) {
    const header = data.readUInt8(pos);
    const hasExtension = (header & 4) !== 0;
    const hasSize = (header & 2) !== 0;
    const type = (header >> 3) & 15;
    const size = hasSize
      ? readLeb128(data, pos + (hasExtension ? 2 : 1))
      : { value: data.length, next: pos + 1 };
    if (type === OBU_SEQUENCE_HEADER) return readSequenceHeader(new Bits(data, size.next));
    if (type !== OBU_TEMPORAL_DELIMITER && type !== 15) break;
    pos = size.next + size.value;
  }
  throw damaged('its picture data does not start with a sequence header');
}

/** Numbers of at most 32 bits (section 4.10.5). */
function readLeb128(data: Buffer, from: number): { value: number; next: number } {
  let value = 0;
  for (let i = 0; i < 5; i++) {
    const byte = data[from + i] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return { value, next: from + i + 1 };
  }
  throw damaged('its picture data has a length that is not valid');
}

function readSequenceHeader(bits: Bits): { width: number; height: number } {
  bits.skip(3 + 1); // seq_profile, still_picture
  const isReduced = bits.read(1) === 1;
  if (isReduced) bits.skip(5);
  else skipOperatingPoints(bits);
  const widthBits = 1 + bits.read(4);
  const heightBits = 1 + bits.read(4);
  return { width: 1 + bits.read(widthBits), height: 1 + bits.read(heightBits) };
}

function skipOperatingPoints(bits: Bits): void {
  const delayBits = skipTiming(bits);
  const hasDisplayDelay = bits.read(1) === 1;
  const points = 1 + bits.read(5);
  for (let i = 0; i < points; i++) {
    bits.skip(12); // operating_point_idc
    if (bits.read(5) > 7) bits.skip(1); // seq_level_idx, seq_tier
    if (delayBits > 0 && bits.read(1) === 1) bits.skip(2 * delayBits + 1);
    if (hasDisplayDelay && bits.read(1) === 1) bits.skip(4);
  }
}

/** Skips timing_info and decoder_model_info; answers the width of the buffer delays, 0 without a decoder model. */
function skipTiming(bits: Bits): number {
  if (bits.read(1) === 0) return 0;
  bits.skip(64); // num_units_in_display_tick, time_scale
  if (bits.read(1) === 1) bits.readExpGolomb();
  if (bits.read(1) === 0) return 0;
  const delayBits = 1 + bits.read(5);
  bits.skip(32 + 5 + 5); // num_units_in_decoding_tick and the widths of two times
  return delayBits;
}
