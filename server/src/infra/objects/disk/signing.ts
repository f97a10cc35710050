import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Bucket, PresignGet, PresignPut } from '../../../ports/index.ts';

/** The first signs, all verify: a secret is rotated by putting the new one in front. */
export type Secrets = readonly [string, ...string[]];

export function nonEmpty(secrets: readonly string[]): Secrets {
  const [first, ...rest] = secrets;
  if (first === undefined) throw new Error('the photo store needs at least one secret');
  return [first, ...rest];
}

/** What a link for a PUT is bound to beside its address. */
export interface SignedUpload {
  /** Exact number of bytes. */
  readonly size: number;
  readonly contentType: string;
  /** Base64, as S3 has it in `x-amz-checksum-sha256`. */
  readonly sha256: string;
}

/** What a link for a GET makes of the answer. */
export interface SignedDownload {
  readonly name: string | undefined;
  readonly type: string | undefined;
}

interface Address {
  readonly bucket: Bucket;
  readonly key: string;
  /** Seconds since 1970. */
  readonly expires: number;
}

export type Claim = Address & ({ readonly put: SignedUpload } | { readonly get: SignedDownload });

export interface Signature {
  readonly keyId: string;
  readonly signature: string;
}

export function uploadHeaders(upload: SignedUpload): Record<string, string> {
  return {
    'content-length': String(upload.size),
    'content-type': upload.contentType,
    'x-amz-checksum-algorithm': 'SHA256',
    'x-amz-checksum-sha256': upload.sha256,
  };
}

export function signedUpload({ size, contentType, sha256 }: PresignPut): SignedUpload {
  return { size, contentType, sha256: Buffer.from(sha256, 'hex').toString('base64') };
}

export function signedDownload({ fileName, contentType }: PresignGet): SignedDownload {
  return { name: fileName, type: contentType };
}

export function sign(secrets: Secrets, claim: Claim): Signature {
  const [secret] = secrets;
  return { keyId: keyIdOf(secret), signature: hmac(secret, canonical(claim)) };
}

export function verify(secrets: Secrets, claim: Claim, { keyId, signature }: Signature): boolean {
  const secret = secrets.find((candidate) => keyIdOf(candidate) === keyId);
  if (secret === undefined) return false;
  const expected = Buffer.from(hmac(secret, canonical(claim)));
  const presented = Buffer.from(signature);
  return presented.length === expected.length && timingSafeEqual(presented, expected);
}

/** Names a secret without telling anything of it. */
function keyIdOf(secret: string): string {
  return hmac(secret, 'stager-objects key id').slice(0, 8);
}

/** JSON keeps the parts apart, whatever they hold; the kind keeps a link for reading from being one for writing. */
function canonical(claim: Claim): string {
  const { bucket, key, expires } = claim;
  const about =
    'put' in claim
      ? ['PUT', claim.put.size, claim.put.contentType, claim.put.sha256]
      : ['GET', claim.get.name ?? null, claim.get.type ?? null];
  return JSON.stringify(['stager-objects-v1', bucket, key, expires, ...about]);
}

function hmac(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
