import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { throwIfAborted } from '../core/abort.ts';
import { AbortError, StagerError, TransferError } from '../core/errors.ts';

/** Whether a file is there with exactly these bytes. Reads it only when the size is right. */
export async function fileHas(path: string, size: number, sha256: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found?.isFile() || found.size !== size) return false;
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex') === sha256;
}

/**
 * Writes beside the target and renames when every byte has arrived and the hash is right: whoever looks sees the old
 * file, the new one, or none, never a part.
 */
export async function writeVerified(
  path: string,
  body: ReadableStream<Uint8Array>,
  expected: { readonly size: number; readonly sha256: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const part = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.part`);
  try {
    const file = await open(part, 'wx');
    try {
      await copyVerified(file, body, expected, signal);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true });
    await body.cancel().catch(() => undefined);
    throw error;
  }
}

async function copyVerified(
  file: FileHandle,
  body: ReadableStream<Uint8Array>,
  expected: { readonly size: number; readonly sha256: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of arrivals(body, signal)) {
    throwIfAborted(signal);
    size += chunk.length;
    if (size > expected.size) break;
    hash.update(chunk);
    await file.write(chunk);
  }
  if (size !== expected.size || hash.digest('hex') !== expected.sha256) {
    throw new TransferError(
      `The file arrived with ${size} bytes; ${expected.size} with another hash were announced.`,
      {
        code: 'checksum_mismatch',
        retryable: true,
      },
    );
  }
}

async function* arrivals(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    if (StagerError.isInstance(cause)) throw cause;
    if (signal?.aborted) throw new AbortError(signal.reason);
    throw new TransferError('The download was cut.', { code: 'transfer_failed', retryable: true, cause });
  }
}
