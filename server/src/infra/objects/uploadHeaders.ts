import type { PresignPut } from '../../ports/index.ts';

/** What a link for a PUT is bound to beside its address. */
export interface SignedUpload {
  /** Exact number of bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Base64, as S3 has it in `x-amz-checksum-sha256`. */
  readonly sha256: string;
}

export function signedUpload({ size, contentType, sha256 }: PresignPut): SignedUpload {
  return { size, contentType, sha256: Buffer.from(sha256, 'hex').toString('base64') };
}

/** Headers that the client sends with a PUT, all of them signed: a store cannot be talked out of the check. */
export function uploadHeaders(upload: SignedUpload): Record<string, string> {
  return {
    'content-length': String(upload.size),
    'content-type': upload.contentType,
    'x-amz-checksum-algorithm': 'SHA256',
    'x-amz-checksum-sha256': upload.sha256,
  };
}
