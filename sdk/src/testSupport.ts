import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Bytes that begin like a JPEG and differ by their seed. The fake API looks no further. */
export function fakeJpeg(seed: number, size = 4_000): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size).fill(seed % 256);
  bytes.set([0xff, 0xd8, 0xff, 0xe0, seed >>> 8, seed & 0xff]);
  return bytes;
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export interface TempDir extends Disposable {
  readonly path: string;
  /** Writes a file below it. @returns its path */
  write(name: string, content: Uint8Array | string): string;
}

export function tempDir(): TempDir {
  const path = mkdtempSync(join(tmpdir(), 'stager-sdk-'));
  return {
    path,
    write(name, content) {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of source) all.push(item);
  return all;
}
