export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'heic';

export interface InspectLimits {
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** Largest width times height. */
  readonly maxPixels: number;
  /** Longest side in pixels; 65,535 (the most that a JPEG can have) when absent. */
  readonly maxSide?: number;
}

/** Why a file is refused. A closed set: clients branch on it. */
export const INSPECTION_CODES = [
  'file_empty',
  'file_too_large',
  'image_too_large',
  'image_too_small',
  'unsupported_format',
  'content_type_mismatch',
  'image_truncated',
  'image_corrupt',
  'image_polyglot',
  'image_animated',
] as const;
export type InspectionCode = (typeof INSPECTION_CODES)[number];

/** What a format's walker learns. Width and height are as stored, before orientation (EXIF 1..8) applies. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly orientation: number;
}

/** Ends an inspection; `inspectImage` turns it into an answer, so it never reaches a caller. */
export class Refusal extends Error {
  readonly code: InspectionCode;

  constructor(code: InspectionCode, message: string) {
    super(message);
    this.code = code;
  }
}

export function truncated(format: string): Refusal {
  return new Refusal(
    'image_truncated',
    `The ${format} ends before its picture is complete. Copy or export the file again and upload all of it.`,
  );
}

/** @param fault a clause that names the broken rule, for example "its chunk IDAT fails its checksum" */
export function corrupt(format: string, fault: string): Refusal {
  return new Refusal('image_corrupt', `The ${format} is damaged: ${fault}. Export the photo again.`);
}

/** @param what names the foreign data and where it is */
export function polyglot(format: string, what: string): Refusal {
  return new Refusal(
    'image_polyglot',
    `The ${format} carries ${what}. Only the picture and its metadata may be in the file. ` +
      'Open it in an image editor and export it anew.',
  );
}
