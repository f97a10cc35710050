import { StagerError, ValidationError } from '../core/errors.ts';
import type { CallOptions } from '../core/options.ts';
import type { Image, Layout } from '../generated/types.ts';
import type { Images } from './images.ts';

/** Name of the output that holds it. */
const OUTPUT = 'layout';

export interface SetLayoutOptions extends CallOptions {
  /** Instead of the layout's own. */
  readonly style?: string | undefined;
}

export async function readLayout(images: Images, imageId: string, options: CallOptions): Promise<Layout> {
  const { bytes } = await images.downloadBytes(imageId, { output: OUTPUT, ...options });
  const text = new TextDecoder().decode(bytes);
  try {
    // The API checked it when it was made.
    return JSON.parse(text) as Layout;
  } catch (cause) {
    throw new StagerError(`The layout of the image ${imageId} is no JSON.`, {
      code: 'invalid_answer',
      cause,
    });
  }
}

export async function setLayout(
  images: Images,
  imageId: string,
  layout: Layout,
  { style, ...options }: SetLayoutOptions,
): Promise<Image> {
  const { originalId, projectId, name, engine, params } = await images.get(imageId, options);
  const item = { originalId, name: name ?? undefined, engine, params, layout, style };
  const { results } = await images.create(
    { projectId: projectId ?? undefined, items: [item], reuse: true },
    options,
  );
  const [result] = results;
  if (result?.status === 'error') {
    const { code, message } = result.error;
    throw new ValidationError(message, { code, status: 422 });
  }
  const made = result?.images[0];
  if (!made) throw new StagerError('The API said nothing about the layout.', { code: 'invalid_answer' });
  return made;
}
