import { createHash, createHmac } from 'node:crypto';

export interface Signer {
  /** Address of the store as its clients reach it. */
  readonly publicUrl: string;
  readonly region: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

export interface ToSign {
  readonly method: 'PUT' | 'GET';
  readonly bucket: string;
  readonly key: string;
  /** Sent by the client exactly so, beside `host`; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly now: Date;
  readonly expiresInSeconds: number;
}

/** A store refuses what is meant to live longer (AWS Signature Version 4, query parameters). */
const LIFE_MAX_SECONDS = 7 * 24 * 60 * 60;

/**
 * A presigned URL by AWS Signature Version 4 in the query, payload unsigned. All given headers are signed: the client of
 * the store's own library leaves out Content-Type and Content-Length, and with them the limits that they set.
 */
export function presign(signer: Signer, request: ToSign): string {
  const base = new URL(signer.publicUrl);
  const at = `${request.now.toISOString().replaceAll(/[-:]|\.\d{3}/g, '')}`;
  const scope = `${at.slice(0, 8)}/${signer.region}/s3/aws4_request`;
  const headers = sorted({ ...request.headers, host: base.host });
  const signedHeaders = headers.map(([name]) => name).join(';');
  const query = sorted({
    ...request.query,
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': `${signer.accessKey}/${scope}`,
    'X-Amz-Date': at,
    'X-Amz-Expires': String(Math.min(LIFE_MAX_SECONDS, Math.max(1, request.expiresInSeconds))),
    'X-Amz-SignedHeaders': signedHeaders,
  })
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .join('&');
  const path = `${base.pathname.replace(/\/$/, '')}/${[request.bucket, ...request.key.split('/')].map(encode).join('/')}`;
  const canonical = [
    request.method,
    path,
    query,
    ...headers.map(([name, value]) => `${name}:${value.trim()}`),
    '',
    signedHeaders,
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const digest = createHash('sha256').update(canonical).digest('hex');
  const toSign = ['AWS4-HMAC-SHA256', at, scope, digest].join('\n');
  const signature = hmac(signingKey(signer, at.slice(0, 8)), toSign).toString('hex');
  return `${base.origin}${path}?${query}&X-Amz-Signature=${signature}`;
}

function signingKey({ secretKey, region }: Signer, day: string): Buffer {
  return [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, day));
}

function hmac(key: Buffer | string, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sorted(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** RFC 3986: unlike encodeURIComponent, which leaves `!'()*` as they are. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
