import { LAYOUT, LayoutParams } from '@stager/server/core/engines/layout';
import { correct } from '../finish/correct.ts';
import { decode } from '../finish/decode.ts';
import { type Engine, type EngineContext, EngineError, type EngineInput } from '../types.ts';
import { furnish, piecesOf } from './furnish.ts';
import { carryOver, readGiven, recall, refurnish, sha256Of } from './given.ts';
import { labelOnImage } from './label/label.ts';
import { deliver } from './output/deliver.ts';
import { prove } from './output/proof.ts';
import { reportOf } from './output/report.ts';
import { render } from './render/render.ts';
import { understand } from './understand.ts';

/** Long side of the staged picture unless another one is asked for, pixels. */
const LONG_EDGE = { preview: 800, final: 2048 } as const;
/** Share of the whole at which rendering begins and ends. */
const RENDERING = [0.2, 0.8] as const;

/** Places furniture in the perspective of an empty room, and proves that nothing else was changed. */
export const layout: Engine = { descriptor: LAYOUT, run };

async function run(input: EngineInput, { workDir, signal, progress }: EngineContext) {
  const params = parseParams(input);
  const given = input.layout && readGiven(input.layout, input.style);
  const step = (fraction: number, stage: string) => {
    signal.throwIfAborted();
    progress(fraction, stage);
  };
  step(0, 'decode');
  const longEdge = params.longEdge ?? LONG_EDGE[params.quality];
  const source = await decode(input.originalPath, longEdge);
  step(0.05, 'correct');
  const correction = correct(source.pixels);
  const photo = correction.corrected;
  step(0.08, 'perspective');
  const photoSha256 = await sha256Of(input.originalPath);
  // A layout is rendered as it stands in the photo that it was made in; in another one its room is read anew.
  const own = given && (given.photoSha256 ?? photoSha256) === photoSha256 ? given : undefined;
  const understood = own ? await recall(input, own) : await understand(input, params);
  step(0.15, 'layout');
  const furnished = own
    ? refurnish(own)
    : given
      ? carryOver(given, understood.room, photoSha256)
      : furnish(understood.room, input, { picture: understood.picture, sha256: photoSha256 });
  // As layout.json tells it: what is rendered is what the file says.
  const { room } = furnished.layout;
  const pieces = piecesOf(furnished.layout);
  step(RENDERING[0], 'render');
  const [from, to] = RENDERING;
  const rendered = await render({
    photo,
    room,
    pieces,
    quality: params.quality,
    seed: furnished.layout.seed,
    signal,
    progress: (fraction) => progress(from + (to - from) * fraction, 'render'),
  });
  step(to, 'check');
  const after = { ...photo, data: rendered.picture };
  const label = params.label === 'on-image' ? labelOnImage(after, rendered.furniture) : undefined;
  const proven = await prove({ workDir, before: photo, after, rendered, label, room, pieces });
  step(0.88, 'encode');
  const delivery = { workDir, params, source, photo, picture: proven.picture, rendered, label };
  const { outputs, largestDifference } = await deliver({ ...delivery, understood, furnished }, (measured) =>
    reportOf({
      input,
      params,
      correction,
      source,
      understood,
      furnished,
      rendered,
      label,
      verdict: proven.verdict,
      largestDifference: measured,
    }),
  );
  step(1, 'done');
  const { layout: made, score } = furnished;
  const info = {
    roomType: made.roomType,
    style: made.style,
    pieces: made.pieces.map(({ kind }) => kind),
    score: score === null ? null : Math.round(score * 1000) / 1000,
    width: photo.width,
    height: photo.height,
    largestDifference,
  };
  return { outputs, info };
}

function parseParams(input: EngineInput): LayoutParams {
  const parsed = LayoutParams.safeParse(input.params);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new EngineError(
    'invalid_params',
    `The params of the engine layout are not valid: ${problems.join('; ')}.`,
  );
}
