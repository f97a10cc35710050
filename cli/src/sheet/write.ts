import { createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GENERATOR } from './page.ts';

/** Bytes at the start of a page in which its generator is named. */
const HEAD = 2048;

/** Whether a file is there that no sheet may take the place of: somebody else's page. */
export async function isForeign(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD), 0, HEAD);
    return !buffer.subarray(0, bytesRead).includes(GENERATOR);
  } finally {
    await handle.close();
  }
}

/** Writes a page whole or not at all, part by part. */
export async function writePage(file: string, parts: AsyncIterable<string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const part = join(dirname(file), `.${basename(file)}.${process.pid}.part`);
  try {
    await pipeline(Readable.from(parts), createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
