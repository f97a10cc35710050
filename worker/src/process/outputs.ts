import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ClaimedJob, ObjectRef, Objects, OutputRow } from '@stager/server/ports';
import type { EngineOutput } from '../engines/types.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
  'application/json': 'json',
};

export interface OutputStore {
  /** What was stored so far. */
  readonly stored: readonly ObjectRef[];
  store(outputs: readonly EngineOutput[], signal: AbortSignal): Promise<OutputRow[]>;
  /** Takes back what was stored; what cannot be removed is left to reconciliation. */
  discard(): Promise<void>;
}

/** The lease stands in the key: two workers that hold one job for a moment never write the same object. */
export function outputKey(job: ClaimedJob, output: Pick<EngineOutput, 'name' | 'contentType'>): string {
  const extension = EXTENSIONS[output.contentType] ?? 'bin';
  return `outputs/${job.accountId}/${job.imageId}/${job.lease}/${output.name}.${extension}`;
}

export function createOutputStore(objects: Pick<Objects, 'write' | 'remove'>, job: ClaimedJob): OutputStore {
  const stored: ObjectRef[] = [];

  async function storeOne(output: EngineOutput, signal: AbortSignal): Promise<OutputRow> {
    const { name, contentType, width, height } = output;
    const bytes = await readOnce(output.path);
    const ref = { bucket: 'photos', key: outputKey(job, output) } as const;
    // Noted before: a write that was cut off may have happened all the same.
    stored.push(ref);
    await objects.write(ref, bytes, contentType, signal);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, contentType, size: bytes.length, sha256, width, height, objectKey: ref.key };
  }

  return {
    stored,
    async store(outputs, signal) {
      const rows: OutputRow[] = [];
      for (const output of outputs) rows.push(await storeOne(output, signal));
      return rows;
    },
    async discard() {
      await Promise.allSettled(stored.map((ref) => objects.remove(ref)));
    },
  };
}

/**
 * Read a single time, so that what is hashed is what is stored: the engine's process may still be there, and it is
 * not trusted. For the same reason no link is followed.
 */
async function readOnce(path: string): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await file.readFile();
  } finally {
    await file.close();
  }
}
