import type { ApiPromise } from '../core/apiPromise.ts';
import type { CallOptions } from '../core/options.ts';
import { type Pages, pagesOf } from '../core/pagination.ts';
import type { Transport } from '../core/transport.ts';
import type {
  CreatedImagesBatch,
  CreateImages,
  Downloads,
  Image,
  Layout,
  ListImagesQuery,
} from '../generated/types.ts';
import type { Download, DownloadedBytes, DownloadedFile, DownloadOptions } from './download.ts';
import type { SetLayoutOptions } from './layouts.ts';
import type { WaitOptions } from './wait.ts';

/** Pictures made of originals. */
export class Images {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Up to 100 items; one result per item, in order, each fails or succeeds alone. */
  create(body: CreateImages, options?: CallOptions): ApiPromise<CreatedImagesBatch> {
    return this.#transport.request('createImages', { body }, options);
  }

  /** Newest first; `limit` is the size of a page, the iteration goes through all pages. */
  list(query: ListImagesQuery = {}, options?: CallOptions): Pages<Image> {
    return pagesOf(query, (input) => this.#transport.request('listImages', input, options));
  }

  get(imageId: string, options?: CallOptions): ApiPromise<Image> {
    return this.#transport.request('getImage', { params: { imageId } }, options);
  }

  /** Deletes an image and its outputs; the original stays. */
  delete(imageId: string, options?: CallOptions): ApiPromise<undefined> {
    return this.#transport.request('deleteImage', { params: { imageId } }, options);
  }

  /** Queues an image again that ended as `error` or `canceled`. @throws ConflictError `invalid_state` */
  retry(imageId: string, options?: CallOptions): ApiPromise<Image> {
    return this.#transport.request('retryImage', { params: { imageId } }, options);
  }

  /** @throws ConflictError `invalid_state` when it has ended */
  cancel(imageId: string, options?: CallOptions): ApiPromise<Image> {
    return this.#transport.request('cancelImage', { params: { imageId } }, options);
  }

  /** Links to the outputs and the original; they expire after some minutes. */
  downloads(imageId: string, options?: CallOptions): ApiPromise<Downloads> {
    return this.#transport.request('getImageDownloads', { params: { imageId } }, options);
  }

  /**
   * Opens one file of an image. The stream is not verified: compare its SHA-256, or use `downloadTo`.
   * @throws NotFoundError when there is no such output (yet)
   */
  async download(imageId: string, options: DownloadOptions = {}): Promise<Download> {
    const { downloadImage } = await import('./download.ts');
    return downloadImage(this.#transport, imageId, options);
  }

  /** One file of an image in memory, whole and verified: for what is small. */
  async downloadBytes(imageId: string, options: DownloadOptions = {}): Promise<DownloadedBytes> {
    const { downloadBytes } = await import('./download.ts');
    return downloadBytes(this.#transport, imageId, options);
  }

  /**
   * Saves one file of an image: whole and verified, or not at all. A file that is there with the same bytes is left
   * alone. Needs a file system.
   */
  async downloadTo(imageId: string, path: string, options: DownloadOptions = {}): Promise<DownloadedFile> {
    const { downloadToFile } = await import('./download.ts');
    return downloadToFile(this.#transport, imageId, path, options);
  }

  /**
   * The room and the furniture of an image, to look at or to change.
   * @throws NotFoundError when its engine makes no layout, or it is not ready
   */
  async layout(imageId: string, options: CallOptions = {}): Promise<Layout> {
    const { readLayout } = await import('./layouts.ts');
    return readLayout(this, imageId, options);
  }

  /**
   * Makes another image of the same photo with this layout: the first one stays as it is. One that was made with the
   * same layout before is the answer. What is wrong beyond the form (two pieces in one place, one beyond the floor) is
   * the `error` of the image that is made.
   * @throws ValidationError naming every place that is wrong
   * @example
   * const layout = await stager.images.layout(imageId);
   * const changed = { ...layout, pieces: layout.pieces.filter(({ kind }) => kind !== 'plant') };
   * const image = await stager.images.wait((await stager.images.setLayout(imageId, changed)).id);
   */
  async setLayout(imageId: string, layout: Layout, options: SetLayoutOptions = {}): Promise<Image> {
    const { setLayout } = await import('./layouts.ts');
    return setLayout(this, imageId, layout, options);
  }

  /**
   * Waits until images have ended: `ready`, `error` or `canceled`, which is for the caller to look at.
   * @throws NotFoundError when one is deleted meanwhile; TimeoutError after `timeoutMs`
   * @example
   * const image = await stager.images.wait(imageId, { timeoutMs: 120_000 });
   */
  wait(imageId: string, options?: WaitOptions): Promise<Image>;
  wait(imageIds: readonly string[], options?: WaitOptions): Promise<Image[]>;
  async wait(ids: string | readonly string[], options: WaitOptions = {}): Promise<Image | Image[]> {
    const { ImageWatcher, waitForImages } = await import('./wait.ts');
    return waitForImages(new ImageWatcher(this.#transport, this, options), ids, options);
  }
}
