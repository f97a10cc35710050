import { UPLOAD_TYPES } from '../../contract/index.ts';

export interface UploadLimits {
  readonly maxBytes: number;
  readonly maxPixels: number;
}

/** Lifetime of a presigned upload. Long enough for 50 MB on a slow line. */
export const UPLOAD_TTL_MS = 60 * 60 * 1000;

/** What can be refused from the announcement alone; null when it may be sent. */
export function refuseAnnounced(
  file: { size: number; contentType: string },
  limits: UploadLimits,
): { code: string; message: string } | null {
  if (!UPLOAD_TYPES.some((type) => type === file.contentType)) {
    return {
      code: 'unsupported_format',
      message: `The type ${file.contentType || '(none)'} is not accepted. Send JPEG, PNG, WebP, AVIF or HEIC.`,
    };
  }
  if (file.size === 0) return { code: 'file_empty', message: 'The file is empty. Export the photo again.' };
  if (file.size > limits.maxBytes) {
    return {
      code: 'file_too_large',
      message: `The file has ${file.size} bytes; at most ${limits.maxBytes} are accepted. Export it smaller.`,
    };
  }
  return null;
}
