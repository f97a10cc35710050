import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Bytes that begin like a JPEG; all that the fake API looks at. */
export function photoBytes(seed: number, size = 2000): Buffer {
  const bytes = Buffer.alloc(size, seed % 251);
  bytes.set([0xff, 0xd8, 0xff, 0xe0]);
  bytes.writeUInt32BE(seed, 4);
  return bytes;
}

/** Writes photos of different content under these names. */
export function writePhotos(dir: string, names: readonly string[], size?: number): string {
  for (const [i, name] of names.entries()) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), photoBytes(i + 1, size));
  }
  return dir;
}
