import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { throwIfAborted } from '../core/abort.ts';
import { AbortError, StagerError, TransferError } from '../core/errors.ts';

/** Whether a file is there with exactly these bytes. Reads it only when the size is right; what cannot be read has not. */
export async function fileHas(path: string, size: number, sha256: string): Promise<boolean> {
  const hash = createHash('sha256');
  try {
    const found = await stat(path);
    if (!found.isFile() || found.size !== size) return false;
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  } catch {
    return false;
  }
  return hash.digest('hex') === sha256;
}

/**
 * Writes beside the target and renames when every byte has arrived and the hash is right: whoever looks sees the old
 * file, the new one, or none, never a part.
 * @throws TransferError: `write_failed` where the file system says no, `transfer_failed` and `checksum_mismatch` when the
 * bytes do not arrive whole; AbortError
 */
export async function writeVerified(
  path: string,
  body: ReadableStream<Uint8Array>,
  expected: { readonly size: number; readonly sha256: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  const part = join(dirname(path), `${partPrefix(path)}${randomBytes(4).toString('hex')}.part`);
  try {
    await makeFolder(dirname(path));
    await removeLeftovers(path);
    const file = await open(part, 'wx');
    try {
      await copyVerified(file, body, expected, signal);
    } finally {
      await file.close();
    }
    await rename(part, path);
  } catch (error) {
    // Under a file there is no part to remove, and saying so must not hide why.
    await rm(part, { force: true }).catch(() => undefined);
    await body.cancel().catch(() => undefined);
    throw explainWrite(error, path);
  }
}

/** Short whatever the name is: a name that the file system takes must not fail because of its part. */
function partPrefix(path: string): string {
  return `.stager-${createHash('sha256').update(basename(path)).digest('hex').slice(0, 12)}-`;
}

/** A download that still runs adds to its part all the time. */
const LEFTOVER_MS = 2 * 60_000;

/** Parts of the same file, of a process that was killed amid it. */
async function removeLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const before = partPrefix(path);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(before) || !/^[0-9a-f]{8}\.part$/.test(name.slice(before.length))) continue;
    const part = join(folder, name);
    const found = await stat(part).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > LEFTOVER_MS) await rm(part, { force: true });
  }
}

interface Refusal {
  readonly why: string;
  readonly hint: string;
}

const NO_PERMISSION: Refusal = {
  why: 'there is no permission to write there',
  hint: 'Allow it, or save to another folder.',
};
const NOT_A_FOLDER: Refusal = {
  why: 'a part of its path is a file, where a folder has to be',
  hint: 'Move that file away, or save to another folder.',
};
const FULL: Refusal = {
  why: 'there is no space left',
  hint: 'Make space and do the same again: what was saved stays, and is not fetched again.',
};

/** What the file system means when it says no. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: { why: 'the file system is read-only', hint: 'Save to another folder.' },
  ENOENT: {
    why: 'its folder cannot be made there, or was taken away',
    hint: 'Save to another folder.',
  },
  // As a code of mkdir: the folder itself is a file.
  EEXIST: NOT_A_FOLDER,
  ENOTDIR: NOT_A_FOLDER,
  EISDIR: {
    why: 'there is a folder of that name',
    hint: 'Move that folder away, or save to another one.',
  },
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: { why: 'the file system takes no file of that size', hint: 'Save to another disk.' },
  ENAMETOOLONG: {
    why: 'the name is longer than the file system allows',
    hint: 'Save to a folder with a shorter path, or give the photo a shorter name.',
  },
  EMFILE: {
    why: 'too many files are open',
    hint: 'Allow more (ulimit -n), or do less at the same time.',
  },
};

/** An error of the file system as a sentence, with a fix; any other as it is. */
export function explainWrite(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const code = String(error.code);
  const { why, hint } = REFUSALS[code] ?? {
    why: `the file system answered ${code}`,
    hint: 'Check the disk, or save to another folder.',
  };
  return new TransferError(`Cannot write ${path}: ${why}.`, { code: 'write_failed', hint, cause: error });
}

/**
 * Step by step: the recursive mkdir of Node never ends where a file system answers ENOENT although the parent is there,
 * as /proc and automounted folders do.
 */
async function makeFolder(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch(async (error: unknown) => {
    // Another download of the same run may have been faster.
    if (!(await stat(path)).isDirectory()) throw error;
  });
}

/** Whether there is no room for other files either. */
export function isDiskFull(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ENOSPC' || code === 'EDQUOT';
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
    // A single write may take a part only, as before a disk is full.
    await file.appendFile(chunk);
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
