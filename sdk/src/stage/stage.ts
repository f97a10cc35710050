import { follow, throwIfAborted } from '../core/abort.ts';
import { AbortError, StagerError } from '../core/errors.ts';
import type { Transport } from '../core/transport.ts';
import { Queue } from '../events/queue.ts';
import type { Discovered, Photo } from '../files/discover.ts';
import { Hasher } from '../files/hasher.ts';
import type { Catalog } from '../generated/types.ts';
import type { Images } from '../resources/images.ts';
import { ImageWatcher } from '../resources/wait.ts';
import { checkChoices } from './check.ts';
import { StageContext } from './context.ts';
import { createJob, type Job } from './job.ts';
import { ImageMaker } from './make.ts';
import { outputStems } from './names.ts';
import { readPhoto } from './read.ts';
import { Saver } from './save.ts';
import { Slabs } from './slabs.ts';
import type { StageEvent, StageOptions, StageSource } from './types.ts';
import { Uploader } from './upload.ts';

/** For photos from the hash to the upload: reading waits for the network here, so that nothing is read twice. */
const MEMORY = 128 * 1024 * 1024;
/** Photos that are read and hashed at the same time. */
const READERS = 3;

/** Runs the pipeline behind an async iterator. Leaving the loop stops it; nothing it began goes on after that. */
export async function* stage(
  transport: Transport,
  images: Images,
  sources: StageSource | readonly StageSource[],
  options: StageOptions,
): AsyncGenerator<StageEvent, void, undefined> {
  const queue = new Queue<StageEvent>(Number.POSITIVE_INFINITY);
  const context = new StageContext(transport, options, (event) => queue.push(event));
  throwIfAborted(options.signal);
  const release = follow(options.signal, context.controller);
  const running = run(context, images, Array.isArray(sources) ? [...sources] : [sources]).then(
    () => queue.end(),
    (error: unknown) => queue.end(options.signal?.aborted ? new AbortError(options.signal.reason) : error),
  );
  try {
    for (let next = await queue.next(); !next.done; next = await queue.next()) yield next.value;
  } finally {
    context.controller.abort();
    await running;
    release();
  }
}

async function run(context: StageContext, images: Images, sources: StageSource[]): Promise<void> {
  const { transport, options, signal } = context;
  const found = find(sources, options.out);
  // What is wrong with the choices is said first.
  found.catch(() => undefined);
  const catalog = await transport.request('getCatalog', {}, { signal });
  checkChoices(options, catalog);
  const { photos, others, unreadable } = await found;
  const kept = keep(context, photos, others);
  context.count('found', unreadable.length);
  context.emit({ type: 'start', files: kept.length, bytes: kept.reduce((sum, { size }) => sum + size, 0) });
  for (const { name, why } of unreadable) {
    context.reject(name, undefined, { code: 'file_unreadable', message: why, retryable: false });
  }
  await (options.dryRun ? inspect(context, kept, catalog) : send(context, images, kept, catalog));
  if (context.failure) throw context.failure.error;
  throwIfAborted(signal);
  const summary = context.summary();
  // How photos were spread over calls decides nothing: it is an error when no call had anything.
  if (summary.images === 0 && StagerError.isInstance(context.noRoom)) throw context.noRoom;
  context.emit({ type: 'done', summary });
}

async function find(sources: readonly StageSource[], out: string | undefined): Promise<Discovered> {
  const { discover } = await import('../files/discover.ts');
  return discover(sources, out);
}

function keep(context: StageContext, photos: readonly Photo[], others: readonly string[]): Photo[] {
  const skip = (file: string, reason: 'not_a_photo' | 'filtered') => {
    context.count('skipped');
    context.emit({ type: 'skipped', file, reason });
  };
  context.count('found', photos.length + others.length);
  for (const name of others) skip(name, 'not_a_photo');
  return photos.filter((photo) => {
    const wanted = context.options.files?.({ name: photo.name, path: photo.path, size: photo.size }) ?? true;
    if (!wanted) skip(photo.name, 'filtered');
    return wanted;
  });
}

/** Nothing leaves the machine. */
async function inspect(context: StageContext, photos: readonly Photo[], catalog: Catalog): Promise<void> {
  await readAll(context, photos, catalog, new Slabs(0), () => undefined);
}

async function send(
  context: StageContext,
  images: Images,
  photos: readonly Photo[],
  catalog: Catalog,
): Promise<void> {
  const { transport, options, signal } = context;
  const { batchMax } = catalog.upload;
  const slabs = new Slabs(MEMORY);
  const waits = options.wait ?? options.out !== undefined;
  const saver = options.out === undefined ? undefined : new Saver(context, options.out);
  const watcher =
    waits || saver
      ? new ImageWatcher(transport, images, {
          projectId: options.project,
          signal,
          onEvent: (event) => maker.take(event),
        })
      : undefined;
  const opened = watcher && photos.length > 0 ? watcher.start() : Promise.resolve();
  opened.catch((error: unknown) => {
    // Where nothing is left to wait for, it is closed before it was open.
    if (!AbortError.isInstance(error)) context.stop(error);
  });
  const maker: ImageMaker = new ImageMaker(context, {
    batchMax,
    watcher,
    opened,
    onReady: async (image, file) => saver?.save(image, file),
  });
  const uploader = new Uploader(context, slabs, batchMax, (job) => maker.add(job));
  try {
    await readAll(context, photos, catalog, slabs, (job) => uploader.add(job));
    await uploader.settled();
    await maker.settled();
  } finally {
    await watcher?.close();
  }
}

/** Reads and hashes, a few at a time. */
async function readAll(
  context: StageContext,
  photos: readonly Photo[],
  { upload }: Catalog,
  slabs: Slabs,
  onJob: (job: Job) => void,
): Promise<void> {
  const stems = outputStems(photos.map(({ name }) => name));
  const hasher = new Hasher(photos.reduce((sum, { size }) => sum + size, 0));
  const work = photos.entries();
  const reader = async () => {
    for (const [i, source] of work) {
      if (context.signal.aborted) return;
      const read = await readPhoto(source, upload, { slabs, hasher }, context.signal);
      if (context.signal.aborted) return;
      const { name } = source;
      if (!read.ok) {
        context.reject(name, source.size, read.error);
        continue;
      }
      const { sha256, size, contentType, bytes } = read;
      context.emit({ type: 'hashed', file: name, sha256, size, contentType });
      onJob(createJob({ file: { name, stem: stems[i] ?? name }, source, sha256, size, contentType, bytes }));
    }
  };
  try {
    await Promise.all(Array.from({ length: READERS }, reader));
  } finally {
    await hasher.close();
  }
}
