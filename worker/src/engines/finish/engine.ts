import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FINISH, FinishParams } from '@stager/server/core/engines/finish';
import {
  type Engine,
  type EngineContext,
  EngineError,
  type EngineInput,
  type EngineOutput,
} from '../types.ts';
import { encodeBefore } from './before.ts';
import { correct } from './correct.ts';
import { decode } from './decode.ts';
import { type Encoded, encode } from './encode.ts';

const QUALITY = 90;
const THUMBNAIL_EDGE = 512;
const THUMBNAIL_QUALITY = 80;

/** Makes an upright, balanced, well exposed photo of listing size from any photo of a room. */
export const finish: Engine = { descriptor: FINISH, run };

async function run(input: EngineInput, { workDir, signal, progress }: EngineContext) {
  const params = parseParams(input);
  progress(0, 'decode');
  const { pixels, profile, exif } = await decode(input.originalPath, params.longEdge);
  signal.throwIfAborted();
  progress(0.4, 'correct');
  const { corrected, whiteBalance, exposureEv } = correct(pixels);
  signal.throwIfAborted();
  progress(0.6, 'encode');
  const finished = await encode(corrected, {
    format: params.format,
    quality: QUALITY,
    longEdge: params.longEdge,
    profile,
    exif,
  });
  const thumbnail = await encode(corrected, {
    format: 'jpeg',
    quality: THUMBNAIL_QUALITY,
    longEdge: THUMBNAIL_EDGE,
    profile,
    exif: null,
  });
  signal.throwIfAborted();
  const outputs = [
    await save(workDir, 'finished', params.format, finished),
    await save(workDir, 'thumbnail', 'jpeg', thumbnail),
    await save(workDir, 'before', 'jpeg', await encodeBefore(pixels, profile)),
  ];
  progress(1, 'done');
  const info = {
    whiteBalance,
    exposureEv,
    width: finished.width,
    height: finished.height,
    colourProfile: profile?.name ?? 'sRGB',
  };
  return { outputs, info };
}

function parseParams(input: EngineInput): FinishParams {
  const parsed = FinishParams.safeParse(input.params);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EngineError(
    'invalid_params',
    `The params of the engine finish are not valid: ${problems.join('; ')}.`,
  );
}

async function save(
  workDir: string,
  name: string,
  format: 'jpeg' | 'png',
  { bytes, width, height }: Encoded,
): Promise<EngineOutput> {
  const path = join(workDir, `${name}.${format === 'png' ? 'png' : 'jpg'}`);
  await writeFile(path, bytes);
  return { name, path, contentType: `image/${format}`, width, height };
}
