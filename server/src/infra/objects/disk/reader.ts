import type { BigIntStats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { ObjectInfo } from '../../../ports/index.ts';
import { isMissing } from './errors.ts';
import { SNIFF_BYTES, sniffType } from './sniff.ts';

export interface OpenObject {
  readonly handle: FileHandle;
  readonly info: ObjectInfo;
}

/** The caller closes the handle. A file that is replaced meanwhile stays what it was at the opening. */
export function openFile(path: string): Promise<FileHandle | undefined> {
  return open(path, 'r').catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}

/** With what is known of it; the caller closes the handle. */
export async function openObject(path: string): Promise<OpenObject | undefined> {
  const handle = await openFile(path);
  if (!handle) return undefined;
  try {
    const info = await describe(handle);
    if (info) return { handle, info };
  } catch (error) {
    await handle.close();
    throw error;
  }
  await handle.close();
  return undefined;
}

async function describe(handle: FileHandle): Promise<ObjectInfo | undefined> {
  const stat = await handle.stat({ bigint: true });
  if (!stat.isFile()) return undefined;
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
  return {
    size: Number(stat.size),
    contentType: sniffType(buffer.subarray(0, bytesRead)),
    etag: etagOf(stat),
    modifiedAt: stat.mtime,
  };
}

/** Files are never changed in place: another content is another file. */
export function etagOf({ ino, mtimeNs, size }: BigIntStats): string {
  return `"${ino.toString(36)}-${mtimeNs.toString(36)}-${size.toString(36)}"`;
}
