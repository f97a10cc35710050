import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** What a key is for: a value that was made for one purpose is nothing for another. */
export type Purpose = 'csrf' | 'login' | 'session' | 'ticket';

/** Keys that are derived from the secrets of the pages in the browser: the first makes, all read. */
export interface Keyring {
  mac(purpose: Purpose, text: string): string;
  /** In a time that says nothing of how much of it was right. */
  verifies(purpose: Purpose, text: string, mac: string): boolean;
  /** Encrypted and authenticated (AES-256-GCM). Whoever lacks `salt` cannot open it, the secrets at hand or not. */
  seal(purpose: Purpose, text: string, salt?: string): string;
  /** Undefined for what was not sealed here, or was changed, or has another purpose or salt. */
  open(purpose: Purpose, sealed: string, salt?: string): string | undefined;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

export function createKeyring(secrets: readonly string[]): Keyring {
  // At each use: the list is read anew while the process runs.
  const newest = (): string => {
    const [first] = secrets;
    if (first === undefined) throw new Error('a keyring needs a secret');
    return first;
  };
  newest();

  return {
    mac: (purpose, text) => macWith(newest(), purpose, text),

    verifies(purpose, text, mac) {
      const given = Buffer.from(mac);
      // All of them, whichever fits: the time says nothing of the age of the secret either.
      const fits = secrets.map((secret) => equal(given, Buffer.from(macWith(secret, purpose, text))));
      return fits.includes(true);
    },

    seal(purpose, text, salt = '') {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', keyOf(newest(), purpose, salt), iv);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },

    open(purpose, sealed, salt = '') {
      const bytes = Buffer.from(sealed, 'base64url');
      if (bytes.length < IV_BYTES + TAG_BYTES) return undefined;
      for (const secret of secrets) {
        const text = unseal(bytes, keyOf(secret, purpose, salt));
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function keyOf(secret: string, purpose: Purpose, salt = ''): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, `stager ${purpose}`, KEY_BYTES));
}

function macWith(secret: string, purpose: Purpose, text: string): string {
  return createHmac('sha256', keyOf(secret, purpose)).update(text).digest('base64url');
}

function unseal(bytes: Buffer, key: Buffer): string | undefined {
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), options);
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  try {
    const body = bytes.subarray(IV_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

export function equal(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
