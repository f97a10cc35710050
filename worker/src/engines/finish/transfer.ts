/**
 * The sRGB transfer curve (IEC 61966-2-1), used for every profile: Display P3 shares it, Adobe RGB is close.
 * A profile with another curve changes the strength of a correction a little, but never the neutral axis.
 */

/** Encoded 0..1 to linear light 0..1. */
export function toLinear(encoded: number): number {
  return encoded <= 0.04045 ? encoded / 12.92 : ((encoded + 0.055) / 1.055) ** 2.4;
}

/** Linear light 0..1 to encoded 0..1. */
export function toEncoded(linear: number): number {
  return linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
}

/** Linear light of each 8-bit value. */
export const LINEAR_OF_BYTE: Float64Array = Float64Array.from({ length: 256 }, (_, value) =>
  toLinear(value / 255),
);

/** Rec. 709 weights: close enough to the luminance of any RGB profile to judge brightness. */
export function luminance(r: number, g: number, b: number): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
