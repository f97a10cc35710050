import { hash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** 62 to the power of 33 is more than 2 to the power of 196. */
const RANDOM_LENGTH = 33;
/** 62 to the power of 6 is more than 32 bits. */
const CHECKSUM_LENGTH = 6;
/** Bytes from here on would make the first characters of the alphabet likelier than the others. */
const UNBIASED = 256 - (256 % ALPHABET.length);

/** A secret that a person may carry: `prefix`, random characters, and a CRC-32 of what is before it. */
export function newSecret(prefix: string): string {
  const body = `${prefix}${randomText(RANDOM_LENGTH)}`;
  return `${body}${checksum(body)}`;
}

/** Whether the text can be one of ours at all: a mistyped one is told without a look into the database. */
export function isWellFormed(prefix: string, text: string): boolean {
  const length = prefix.length + RANDOM_LENGTH + CHECKSUM_LENGTH;
  if (text.length !== length || !text.startsWith(prefix)) return false;
  return checksum(text.slice(0, -CHECKSUM_LENGTH)) === text.slice(-CHECKSUM_LENGTH);
}

/** What is stored in its place. With so many random bits a fast hash does: there is nothing to guess. */
export function secretHash(secret: string): string {
  return hash('sha256', secret, 'hex');
}

function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < UNBIASED && text.length < length) text += ALPHABET[byte % ALPHABET.length];
    }
  }
  return text;
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    digits = ALPHABET[rest % ALPHABET.length] + digits;
    rest = Math.floor(rest / ALPHABET.length);
  }
  return digits;
}
