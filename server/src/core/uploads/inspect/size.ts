import { type InspectLimits, Refusal } from './verdict.ts';

/** Shortest side in pixels of a photo that staging can read. */
export const MIN_SIDE = 64;
const DEFAULT_MAX_SIDE = 65_535;

/** Refuses what is too large to decode safely: the guard against small files that unfold to gigabytes. */
export function refuseLarge(width: number, height: number, limits: InspectLimits): void {
  if (width === 0 || height === 0) {
    throw new Refusal(
      'image_corrupt',
      'The picture declares a width or height of zero. Export the photo again.',
    );
  }
  const maxSide = limits.maxSide ?? DEFAULT_MAX_SIDE;
  if (width > maxSide || height > maxSide) {
    throw new Refusal(
      'image_too_large',
      `The picture is ${width} x ${height} pixels; no side may exceed ${maxSide}. Export it smaller.`,
    );
  }
  if (width * height > limits.maxPixels) {
    throw new Refusal(
      'image_too_large',
      `The picture is ${width} x ${height} = ${width * height} pixels; at most ${limits.maxPixels} are accepted. ` +
        'Export it smaller.',
    );
  }
}

export function refuseSize(width: number, height: number, limits: InspectLimits): void {
  refuseLarge(width, height, limits);
  if (width < MIN_SIDE || height < MIN_SIDE) {
    throw new Refusal(
      'image_too_small',
      `The picture is ${width} x ${height} pixels; each side needs at least ${MIN_SIDE}. Upload the full-size photo.`,
    );
  }
}
