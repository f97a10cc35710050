import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { sniff } from '../../sdk/src/stage/sniff.ts';
import { LAYOUT } from '../../server/src/core/engines/layout.ts';
import { inspectImage } from '../../server/src/core/uploads/inspect/index.ts';
import { EngineError } from '../../worker/src/engines/types.ts';
import type { SandboxPool } from '../../worker/src/sandbox/pool.ts';
import { type Entry, UNANSWERED } from './book.ts';

export interface Wish {
  /** Name of the photo in its folder. */
  readonly photo: string;
  readonly path: string;
  readonly style: string;
  readonly roomType: string | null;
  readonly seed: number;
  readonly quality: 'preview' | 'final';
}

/** What is kept of a picture that was accepted. */
const KEPT = ['staged', 'finished', 'layout', 'report'];

/** The same photo, wish and engine give the same picture: it need not be made again. */
export function askedOf({ path, style, roomType, seed, quality }: Wish): string {
  const hash = createHash('sha256').update(readFileSync(path));
  hash.update(JSON.stringify([LAYOUT.version, style, roomType, seed, quality]));
  return hash.digest('hex');
}

/** Where the files of an entry lie below the folder of the gallery. */
export function placeOf({ photo, style }: Pick<Entry, 'photo' | 'style'>): string {
  return join('pictures', `${photo.replaceAll('/', '__')}--${style}`);
}

/** As the API and a worker would take it: looked at, rendered by a process of its own, accepted or refused with why. */
export async function renderEntry(
  wish: Wish,
  out: string,
  pool: Pick<SandboxPool, 'run'>,
  signal: AbortSignal,
): Promise<Entry> {
  const { photo, style, roomType } = wish;
  const asked = askedOf(wish);
  const place = placeOf(wish);
  rmSync(join(out, place), { recursive: true, force: true });
  const started = performance.now();
  const workDir = await mkdtemp(join(out, '.work-'));
  const base = { photo, style, asked, roomType, answers: { ...UNANSWERED }, note: '' };
  const seconds = () => Math.round((performance.now() - started) / 100) / 10;
  try {
    const { outputs, info } = await pool.run(taskOf(wish, workDir), { signal });
    mkdirSync(join(out, place), { recursive: true });
    for (const { name, path } of outputs)
      if (KEPT.includes(name)) copyFileSync(path, join(out, place, basename(path)));
    const staged = outputs.find(({ name }) => name === 'staged');
    if (!staged) throw new Error('a layout preview without a picture');
    const sha256 = createHash('sha256').update(readFileSync(staged.path)).digest('hex');
    const { roomType: made, pieces, score } = info;
    return {
      ...base,
      outcome: 'accepted',
      picture: join(place, basename(staged.path)),
      sha256,
      roomType: typeof made === 'string' ? made : roomType,
      pieces: Array.isArray(pieces) ? pieces.map(String) : [],
      score: typeof score === 'number' ? score : null,
      code: null,
      message: null,
      hint: null,
      seconds: seconds(),
    };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof EngineError)) throw error;
    const { code, message, hint = null } = error;
    const nothing = { picture: null, sha256: null, pieces: [], score: null };
    return { ...base, ...nothing, outcome: 'refused', code, message, hint, seconds: seconds() };
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}

function taskOf({ path, style, roomType, seed, quality }: Wish, workDir: string) {
  const bytes = readFileSync(path);
  const seen = inspectImage(bytes, sniff(bytes)?.contentType ?? '');
  if (!seen.ok) throw new EngineError(seen.code, seen.message);
  const { contentType, width, height } = seen;
  const input = { originalPath: path, contentType, width, height, roomType, style, seed, variation: 0 };
  return {
    engine: LAYOUT.name,
    input: { ...input, params: { quality } },
    workDir,
    timeoutMs: LAYOUT.timeoutMs,
  };
}
