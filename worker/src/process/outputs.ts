import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { ClaimedJob, Objects, OutputRow } from '@stager/server/ports';
import type { EngineOutput } from '../engines/types.ts';

const EXTENSIONS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/avif': 'avif',
};

/** The lease stands in the key: two workers that hold one job for a moment never write the same object. */
export function outputKey(job: ClaimedJob, output: Pick<EngineOutput, 'name' | 'contentType'>): string {
  const extension = EXTENSIONS[output.contentType] ?? 'bin';
  return `outputs/${job.accountId}/${job.imageId}/${job.lease}/${output.name}.${extension}`;
}

export async function sha256File(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), digest);
  return digest.digest('hex');
}

export async function storeOutputs(
  objects: Objects,
  job: ClaimedJob,
  outputs: readonly EngineOutput[],
  signal: AbortSignal,
): Promise<OutputRow[]> {
  const rows: OutputRow[] = [];
  for (const output of outputs) {
    const objectKey = outputKey(job, output);
    const { name, contentType, width, height } = output;
    const { size } = await stat(output.path);
    const sha256 = await sha256File(output.path);
    await objects.writeFile({ bucket: 'photos', key: objectKey }, output.path, contentType, signal);
    rows.push({ name, contentType, size, sha256, width, height, objectKey });
  }
  return rows;
}

/** Takes back what was stored for a job that turned out to be somebody else's. */
export async function removeOutputs(
  objects: Objects,
  job: ClaimedJob,
  outputs: readonly EngineOutput[],
): Promise<void> {
  await Promise.allSettled(
    outputs.map((output) => objects.remove({ bucket: 'photos', key: outputKey(job, output) })),
  );
}
