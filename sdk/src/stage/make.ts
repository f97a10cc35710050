import { NotFoundError } from '../core/errors.ts';
import { pageOf } from '../core/problem.ts';
import { BATCH_MAX } from '../generated/constants.ts';
import type { CreateImages, Image, ImageEvent, ItemError, Layout } from '../generated/types.ts';
import type { ImageWatcher } from '../resources/wait.ts';
import { Batcher } from './batcher.ts';
import { isFatal, type StageContext } from './context.ts';
import type { FileEntry, Job } from './job.ts';

/** Milliseconds: workers have something to do meanwhile. */
const CREATE_PACE_MS = 1000;

type ImageItem = CreateImages['items'][number];

/** What is made of an image in the end. */
export type OnReady = (image: Image, file: FileEntry) => Promise<void>;

const LONGEST_NAME = 255;
const CALL_CHARACTERS = 128 * 1024;

const NO_ANSWER = {
  code: 'invalid_answer',
  message: 'The API said nothing about this file.',
  retryable: false,
};

/** Items of a call that stays well below the 256 KiB which an API takes unless it is told otherwise. */
function fitting(layout: Layout | undefined): number {
  return layout ? Math.max(1, Math.floor(CALL_CHARACTERS / JSON.stringify(layout).length)) : BATCH_MAX;
}

/** Creates images of originals, and follows them to their end. */
export class ImageMaker {
  readonly #context: StageContext;
  readonly #watcher: ImageWatcher | undefined;
  readonly #opened: Promise<void>;
  readonly #onReady: OnReady;
  readonly #orders: Batcher<Job>;
  readonly #followed = new Set<Promise<void>>();
  readonly #filesOf = new Map<string, FileEntry[]>();

  /** @param watcher undefined when nobody waits */
  constructor(
    context: StageContext,
    {
      batchMax,
      watcher,
      opened,
      onReady,
    }: { batchMax: number; watcher: ImageWatcher | undefined; opened: Promise<void>; onReady: OnReady },
  ) {
    this.#context = context;
    this.#watcher = watcher;
    this.#opened = opened;
    this.#onReady = onReady;
    const most = Math.min(BATCH_MAX, batchMax, fitting(context.options.layout));
    this.#orders = new Batcher(most, 2, CREATE_PACE_MS, (jobs) => this.#create(jobs));
  }

  add(job: Job): void {
    this.#orders.add(job);
  }

  async settled(): Promise<void> {
    await this.#orders.settled();
    while (this.#followed.size > 0) await Promise.all(this.#followed);
  }

  /** Passes the events of an image on, under the names of its files. */
  take(event: ImageEvent): void {
    const { imageId } = event;
    for (const { name: file } of this.#filesOf.get(imageId) ?? []) {
      if (event.type === 'image.processing') {
        this.#context.emit({ type: 'processing', file, imageId, attempt: event.attempt });
      } else if (event.type === 'image.progress') {
        this.#context.emit({
          type: 'progress',
          file,
          imageId,
          progress: event.progress ?? 0,
          stage: event.stage,
        });
      }
    }
  }

  async #create(jobs: Job[]): Promise<void> {
    try {
      // Before the first image is made, so that no ending is missed.
      await this.#opened;
      const { transport, signal, maxRetries, options } = this.#context;
      const body = {
        projectId: options.project,
        reuse: options.reuse ?? true,
        priority: options.priority,
        items: jobs.map((job) => this.#item(job)),
      };
      const { results } = await transport.request('createImages', { body }, { signal, maxRetries });
      for (const [i, job] of jobs.entries()) {
        const result = results[i];
        if (result?.status === 'ok') this.#made(job, result.images, new Set(result.reused));
        else this.#refused(job, result?.error);
      }
    } catch (error) {
      if (isFatal(error)) this.#context.stop(error);
      for (const job of jobs) this.#context.fail(job.file.name, undefined, error);
    }
  }

  #refused(job: Job, error: ItemError | undefined): void {
    const { baseUrl } = this.#context.transport.settings;
    const why = error ? { ...error, link: pageOf(error.link, baseUrl) } : NO_ANSWER;
    this.#context.fail(job.file.name, undefined, why);
  }

  #item(job: Job): ImageItem {
    const { engine, roomType, style, seed, variations, params, layout } = this.#context.options;
    return {
      originalId: job.originalId ?? '',
      name: job.file.name.slice(-LONGEST_NAME),
      engine,
      roomType,
      style,
      seed,
      variations,
      params: params && { ...params },
      layout,
    };
  }

  #made({ file }: Job, images: readonly Image[], reused: ReadonlySet<string>): void {
    for (const image of images) {
      this.#context.count('images');
      if (reused.has(image.id)) this.#context.count('reused');
      this.#filesOf.set(image.id, [...(this.#filesOf.get(image.id) ?? []), file]);
      const { name } = file;
      this.#context.emit({
        type: 'created',
        file: name,
        imageId: image.id,
        image,
        reused: reused.has(image.id),
      });
      if (!this.#watcher) continue;
      const following = this.#follow(file, image, this.#watcher);
      this.#followed.add(following);
      void following.finally(() => this.#followed.delete(following));
    }
  }

  async #follow(file: FileEntry, image: Image, watcher: ImageWatcher): Promise<void> {
    try {
      const ended =
        image.state === 'queued' || image.state === 'processing' ? await watcher.track(image.id) : image;
      await this.#ended(ended, file);
    } catch (error) {
      if (isFatal(error) && !NotFoundError.isInstance(error)) this.#context.stop(error);
      this.#context.fail(file.name, image.id, error);
    }
  }

  async #ended(image: Image, file: FileEntry): Promise<void> {
    if (image.state !== 'ready') {
      const canceled = { code: 'canceled', message: 'The image was canceled.', retryable: true };
      const error = image.error ? { ...image.error, hint: image.error.hint ?? undefined } : canceled;
      this.#context.fail(file.name, image.id, error);
      return;
    }
    this.#context.count('ready');
    this.#context.emit({ type: 'ready', file: file.name, imageId: image.id, image });
    await this.#onReady(image, file);
  }
}
