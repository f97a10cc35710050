import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Bucket, PresignGet } from '../../../ports/index.ts';
import type { SignedUpload } from '../uploadHeaders.ts';

/** The first signs, all verify: a secret is rotated by putting the new one in front. */
export type Secrets = readonly [string, ...string[]];

export function nonEmpty(secrets: readonly string[]): Secrets {
  if (secrets.length === 0) throw new Error('the photo store needs at least one secret');
  // The list itself and no copy, as it is read anew; it never becomes empty.
  return secrets as Secrets;
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
