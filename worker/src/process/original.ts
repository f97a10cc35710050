import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Objects, OriginalRow } from '@stager/server/ports';
import { EngineError } from '../engines/types.ts';

export interface FetchOptions {
  readonly objects: Pick<Objects, 'open'>;
  readonly original: OriginalRow;
  /** Private folder; the file is made in it. */
  readonly dir: string;
  readonly maxPixels: number;
  readonly signal: AbortSignal;
}

/**
 * The original as a local file. Its bytes are those that were inspected when the upload was finalized, or nothing
 * decodes them: the store may have been written to since.
 * @throws EngineError `original_too_large`, `original_missing`, `original_corrupt`
 */
export async function fetchOriginal({
  objects,
  original,
  dir,
  maxPixels,
  signal,
}: FetchOptions): Promise<string> {
  if (original.width * original.height > maxPixels) {
    throw new EngineError(
      'original_too_large',
      `The photo has ${original.width} × ${original.height} pixels; this worker takes ${maxPixels}.`,
      { hint: 'Export it smaller and upload it again.' },
    );
  }
  const stream = await objects.open({ bucket: 'photos', key: original.objectKey }, signal);
  if (!stream) {
    throw new EngineError('original_missing', 'The original is not in the photo store.', {
      hint: 'Upload the photo again.',
    });
  }
  const path = join(dir, 'original');
  const sha256 = await copyHashing(stream, path, original.size, signal);
  if (sha256 !== original.sha256) throw corrupt();
  return path;
}

async function copyHashing(
  stream: Readable,
  path: string,
  size: number,
  signal: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256');
  async function* check(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let bytes = 0;
    for await (const chunk of source) {
      bytes += chunk.length;
      // What is longer cannot have the right hash, and must not fill the disk until that is known.
      if (bytes > size) throw corrupt();
      hash.update(chunk);
      yield chunk;
    }
  }
  await pipeline(stream, check, createWriteStream(path, { flags: 'wx', mode: 0o600 }), { signal });
  return hash.digest('hex');
}

function corrupt(): EngineError {
  return new EngineError('original_corrupt', 'The stored original is not what was uploaded.', {
    hint: 'Upload the photo again.',
  });
}
