import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pixels } from '../../finish/pixels.ts';
import { sharp } from '../../sharp.ts';
import { EngineError } from '../../types.ts';
import { checkGuarantee, type Rectangle, type Verdict } from '../render/check.ts';
import type { Rendered } from '../render/render.ts';
import type { Piece } from '../render/scene.ts';
import type { Room } from '../scene/types.ts';

interface Evidence {
  readonly workDir: string;
  readonly before: Pixels;
  /** With its label, if that is on it. */
  readonly after: Pixels;
  readonly rendered: Pick<Rendered, 'furniture' | 'shadow'>;
  readonly label: Rectangle | undefined;
  readonly room: Room;
  readonly pieces: readonly Piece[];
}

export interface Proven {
  readonly verdict: Verdict;
  /** As it lay on the disk when it was checked. */
  readonly picture: Pixels;
}

/**
 * Writes the picture and what it claims without loss, has the files checked, and reads the picture back: what was checked
 * is what is delivered. Rejects with `guarantee_failed`.
 */
export async function prove(evidence: Evidence): Promise<Proven> {
  const { before, after, rendered, label, room, pieces } = evidence;
  const folder = join(evidence.workDir, 'proof');
  await mkdir(folder);
  const { width, height } = before;
  const save = async (name: string, data: Uint8Array, channels: 1 | 3) => {
    const path = join(folder, `${name}.png`);
    await sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 1 }).toFile(path);
    return path;
  };
  const claim = {
    before: await save('before', before.data, 3),
    after: await save('after', after.data, 3),
    furniture: await save('furniture', rendered.furniture, 1),
    shadow: await save('shadow', rendered.shadow, 1),
    ...(label ? { label } : {}),
    room,
    pieces,
  };
  const verdict = await checkGuarantee(claim);
  if (!verdict.ok) throw broken(verdict);
  const data = await sharp(claim.after).removeAlpha().toColourspace('srgb').raw().toBuffer();
  return { verdict, picture: { data, width, height } };
}

export function broken({ faults }: Pick<Verdict, 'faults'>): EngineError {
  return new EngineError(
    'guarantee_failed',
    `The layout preview is not delivered: it changed more of the photo than it may (${faults.join('; ')}).`,
    { hint: 'This is a defect of the engine. Another seed, room type or style may avoid it.' },
  );
}

/**
 * Largest difference of a channel between a delivered file, by its path, and the photo where both should be the same, in levels: what
 * the file format costs.
 */
export async function differenceOutside(
  delivered: string,
  before: Pixels,
  { furniture, shadow }: Pick<Rendered, 'furniture' | 'shadow'>,
  label: Rectangle | undefined,
): Promise<number> {
  // The space of the file is that of the photo; nothing is to be converted.
  const data = await sharp(delivered, { ignoreIcc: true }).removeAlpha().raw().toBuffer();
  let most = 0;
  for (let n = 0; n < furniture.length; n += 1) {
    if (furniture[n] !== 0 || shadow[n] !== 0 || isIn(label, n % before.width, Math.floor(n / before.width)))
      continue;
    for (let c = 3 * n; c < 3 * n + 3; c += 1)
      most = Math.max(most, Math.abs((data[c] as number) - (before.data[c] as number)));
  }
  return most;
}

function isIn(label: Rectangle | undefined, x: number, y: number): boolean {
  if (!label) return false;
  return x >= label.left && y >= label.top && x < label.left + label.width && y < label.top + label.height;
}
