import { join } from 'node:path';
import { fileHas, isDiskFull } from '../files/write.ts';
import type { Image } from '../generated/types.ts';
import { retrying, saveLink } from '../resources/download.ts';
import type { StageContext } from './context.ts';
import type { FileEntry } from './job.ts';
import { outputName } from './names.ts';
import { AdaptivePool } from './pool.ts';

/** Downloads at the same time. */
const PARALLEL = 4;

type Output = Image['outputs'][number];

/** Saves the outputs of images that are ready. */
export class Saver {
  readonly #context: StageContext;
  readonly #out: string;
  readonly #pool = new AdaptivePool(PARALLEL, PARALLEL);
  /** Set once the disk is full: what cannot be kept is not fetched. */
  #full: unknown;

  constructor(context: StageContext, out: string) {
    this.#context = context;
    this.#out = out;
  }

  save(image: Image, file: FileEntry): Promise<void> {
    return this.#pool.run(() => this.#saveAll(image, file));
  }

  async #saveAll(image: Image, file: FileEntry): Promise<void> {
    const { outputs: wanted } = this.#context.options;
    for (const output of image.outputs) {
      if (wanted && !wanted.includes(output.name)) continue;
      const path = join(
        this.#out,
        ...outputName(file.stem, output.name, output.contentType, image.variation).split('/'),
      );
      try {
        const skipped = await this.#saveOne(image, output, path);
        this.#context.count(skipped ? 'unchanged' : 'downloaded');
        const { name, size } = output;
        this.#context.emit({
          type: 'downloaded',
          file: file.name,
          imageId: image.id,
          output: name,
          path,
          size,
          skipped,
        });
      } catch (error) {
        if (this.#context.signal.aborted) throw error;
        this.#context.fail(file.name, image.id, error);
        if (!isDiskFull(error)) continue;
        this.#full ??= error;
        return;
      }
    }
  }

  /** @returns whether it was there already, which needs no call at all */
  async #saveOne(image: Image, output: Output, path: string): Promise<boolean> {
    if (await fileHas(path, output.size, output.sha256)) return true;
    if (this.#full !== undefined) throw this.#full;
    const { transport, signal, maxRetries } = this.#context;
    await retrying(transport, { signal, maxRetries }, async () => {
      const { items } = await transport.request(
        'getImageDownloads',
        { params: { imageId: image.id } },
        { signal },
      );
      const link = items.find(({ name }) => name === output.name);
      if (!link) throw new Error(`the image ${image.id} has lost its output ${output.name}`);
      await saveLink(transport, link, path, { signal });
    });
    return false;
  }
}
