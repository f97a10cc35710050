import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  timingSafeEqual,
  verify,
} from 'node:crypto';
import { promisify } from 'node:util';
import type { JWKS } from 'oidc-provider';
import type { IssuerStore } from './store.ts';

export interface IssuerKeys {
  readonly jwks: JWKS;
  readonly cookieKeys: readonly string[];
  /** A keyed digest (hex) of form fields. */
  sign(text: string): string;
  /** Whether the digest is ours; in constant time. */
  matches(text: string, digest: string): boolean;
  /** The claims of a token that this issuer signed; null when the signature or the form is wrong. Dates are not looked at. */
  readSigned(jwt: string): Readonly<Record<string, unknown>> | null;
}

/** Reads the keys from the store; makes them at the first start. */
export async function loadKeys(store: IssuerStore): Promise<IssuerKeys> {
  const pem = store.readSecret('signing-key') ?? store.keepSecret('signing-key', await newSigningKey());
  const cookieKey = store.keepSecret('cookie-key', randomBytes(32).toString('base64url'));
  const privateKey = createPrivateKey(pem);
  const publicKey = createPublicKey(privateKey);
  const kid = keyId(publicKey);
  const sign = (text: string) => createHmac('sha256', cookieKey).update(text).digest('hex');
  return {
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] },
    cookieKeys: [cookieKey],
    sign,
    matches: (text, digest) => equal(sign(text), digest),
    readSigned: (jwt) => readSigned(jwt, publicKey, kid),
  };
}

async function newSigningKey(): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function keyId(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(der).digest('base64url').slice(0, 21);
}

function equal(expected: string, given: string): boolean {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Our own RS256 tokens only: the key is fixed, and a header that asks for anything else is refused. */
function readSigned(jwt: string, key: KeyObject, kid: string): Readonly<Record<string, unknown>> | null {
  const [head, body, signature, rest] = jwt.split('.');
  if (head === undefined || body === undefined || signature === undefined || rest !== undefined) return null;
  const header = parseObject(head);
  if (header?.['alg'] !== 'RS256' || header['kid'] !== kid) return null;
  const good = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  return good ? parseObject(body) : null;
}

function parseObject(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : null;
  } catch {
    return null;
  }
}
