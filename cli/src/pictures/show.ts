import type { Image } from '@stager/sdk';
import type { Context } from '../context.ts';
import { clean } from '../io/clean.ts';
import { shellQuote } from '../io/text.ts';
import { decodeJpeg } from './bitmap.ts';
import { drawPair } from './draw.ts';
import { choosePictures, type Shown } from './protocol.ts';

/** More than these are for `stager open`. */
const MOST = 6;

/** How this terminal shows pictures; undefined where it shows none, or none are wanted. */
export async function picturesOf(context: Context, wanted: boolean | undefined): Promise<Shown | undefined> {
  const { io, env } = context;
  if (wanted === false || io.json || !io.isTTY) return undefined;
  const { pictures } = await context.settings();
  return choosePictures({ isTTY: io.isTTY, env, setting: pictures.value });
}

/**
 * Before and after of images that are ready, for stdout. A picture that cannot be had or read is left out: it only
 * goes with what is said in words.
 * @param folder where their results were saved
 */
export async function showImages(
  context: Context,
  images: readonly Image[],
  wanted: boolean | undefined,
  folder?: string,
): Promise<void> {
  const shown = await picturesOf(context, wanted);
  if (!shown) return;
  const { io } = context;
  const ready = images.filter(({ state }) => state === 'ready');
  for (const image of ready.slice(0, MOST)) {
    const text = await pictureOf(context, image, shown);
    if (text === undefined) continue;
    const variation = image.variation > 0 ? ` (${image.variation + 1})` : '';
    const title = ready.length > 1 ? `${io.out.style.bold(clean(image.name ?? image.id) + variation)}\n` : '';
    io.emit({ json: () => null, text: () => `${title}${text}\n` });
  }
  if (ready.length > MOST) {
    const where = folder === undefined ? '' : `: stager open ${clean(shellQuote(folder))}`;
    io.emit({ json: () => null, text: () => `${ready.length - MOST} more${where}\n` });
  }
}

async function pictureOf(context: Context, image: Image, shown: Shown): Promise<string | undefined> {
  const { images } = await context.stager();
  const get = async (output: string) => {
    if (!image.outputs.some(({ name }) => name === output)) return undefined;
    const { bytes } = await images.downloadBytes(image.id, { output, signal: context.signal, maxRetries: 1 });
    return decodeJpeg(bytes);
  };
  try {
    const [after, before] = await Promise.all([get('thumbnail'), get('before')]);
    return after && drawPair(before, after, context.io.out.columns, shown);
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}
