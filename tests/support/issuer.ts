import { createHmac, createPrivateKey, createPublicKey, generateKeyPairSync, randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { ALL_SCOPES, type Scope } from '../../server/src/contract/index.ts';
import { startIssuer } from '../../server/src/dev/issuer/index.ts';
import { openStore } from '../../server/src/dev/issuer/store.ts';
import { makeTempDir } from './tempDir.ts';

export const AUDIENCE = 'https://api.stager.test';
export const CLI = 'stager-cli';
export const CI = { id: 'stager-ci', secret: 'ci-secret-0123456789' };

/** Claims that differ from those of a good token; `undefined` leaves one out. */
export type Claims = Readonly<Record<string, unknown>>;

/** The issuer of the embedded stack, and tokens as it makes them and as it never would. */
export interface TestIssuer {
  readonly issuerUrl: string;
  /** Signed with the issuer's own key. */
  mint(subject: string, claims?: Claims, scopes?: readonly Scope[]): string;
  readonly forge: Forgeries;
  /** A token that the issuer itself has given, by client credentials, to `stager-ci`. */
  issued(): Promise<string>;
  /** An ID token of the user `demo`, by device code. */
  idToken(): Promise<string>;
  close(): Promise<void>;
}

export interface Forgeries {
  otherKey(subject: string): string;
  algNone(subject: string): string;
  hs256(subject: string): string;
}

export async function startTestIssuer(): Promise<TestIssuer> {
  const dir = makeTempDir('stager-test-issuer');
  const dataFile = join(dir, 'issuer.sqlite');
  const issuer = await startIssuer({
    port: 0,
    audience: AUDIENCE,
    dataFile,
    autoApprove: true,
    scopes: ALL_SCOPES,
    users: [{ id: 'demo', name: 'Demo', email: 'demo@example.com', scopes: ALL_SCOPES }],
    clients: [
      { kind: 'device', id: CLI, name: 'stager CLI' },
      { kind: 'machine', ...CI, name: 'CI', scopes: ALL_SCOPES },
    ],
    log: () => undefined,
  });
  const { issuerUrl } = issuer;
  const keys = await readKeys(dataFile, issuerUrl);
  return {
    issuerUrl,
    mint: (subject, claims = {}, scopes = ALL_SCOPES) =>
      keys.sign({ ...goodClaims(issuerUrl, subject, scopes), ...claims }),
    forge: forgeries(issuerUrl, keys),
    issued: () => clientCredentials(issuerUrl),
    idToken: () => deviceIdToken(issuerUrl),
    async close() {
      await issuer.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function goodClaims(issuer: string, subject: string, scopes: readonly Scope[]): Claims {
  const now = Math.floor(Date.now() / 1000);
  return {
    iss: issuer,
    aud: AUDIENCE,
    sub: subject,
    azp: CLI,
    scope: scopes.join(' '),
    iat: now,
    exp: now + 3600,
    // No two tokens are the same: one that is remembered as good must not speak for another.
    jti: randomUUID(),
  };
}

interface Keys {
  readonly kid: string;
  readonly publicPem: string;
  sign(claims: Claims): string;
}

/** The issuer's own key, from its file. */
async function readKeys(dataFile: string, issuerUrl: string): Promise<Keys> {
  const file = openStore(dataFile);
  const pem = file.readSecret('signing-key') ?? '';
  file.close();
  const privateKey = createPrivateKey(pem);
  const answer = await fetch(new URL('.well-known/jwks.json', issuerUrl));
  // RFC 7517 section 5
  const { keys } = (await answer.json()) as { keys: { kid: string }[] };
  const kid = keys[0]?.kid ?? '';
  return {
    kid,
    publicPem: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
    sign: (claims) => jwt.sign(present(claims), privateKey, { algorithm: 'RS256', keyid: kid }),
  };
}

function present(claims: Claims): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

function forgeries(issuerUrl: string, { kid, publicPem }: Keys): Forgeries {
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const forge = (alg: string, subject: string, signature: (input: string) => string) => {
    const parts = [{ alg, kid, typ: 'JWT' }, goodClaims(issuerUrl, subject, ALL_SCOPES)];
    const input = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${signature(input)}`;
  };
  return {
    otherKey: (subject) =>
      jwt.sign(present(goodClaims(issuerUrl, subject, ALL_SCOPES)), other.privateKey, {
        algorithm: 'RS256',
        keyid: kid,
      }),
    algNone: (subject) => forge('none', subject, () => ''),
    hs256: (subject) =>
      forge('HS256', subject, (input) => createHmac('sha256', publicPem).update(input).digest('base64url')),
  };
}

async function clientCredentials(issuerUrl: string): Promise<string> {
  const answer = await post(new URL('oauth/token', issuerUrl), {
    grant_type: 'client_credentials',
    client_id: CI.id,
    client_secret: CI.secret,
    audience: AUDIENCE,
    scope: ALL_SCOPES.join(' '),
  });
  return String(answer['access_token']);
}

async function deviceIdToken(issuerUrl: string): Promise<string> {
  const started = await post(new URL('oauth/device/code', issuerUrl), {
    client_id: CLI,
    scope: 'openid profile email',
    audience: AUDIENCE,
  });
  const granted = await post(new URL('oauth/token', issuerUrl), {
    client_id: CLI,
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: String(started['device_code']),
  });
  return String(granted['id_token']);
}

async function post(url: URL, form: Record<string, string>): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', body: new URLSearchParams(form) });
  const body: unknown = await response.json();
  if (!response.ok || typeof body !== 'object' || body === null) {
    throw new Error(`${url.pathname} answered ${response.status}: ${JSON.stringify(body)}`);
  }
  return { ...body };
}
