import { readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Stager } from '../client.ts';
import { type FakeApi, type FakeApiOptions, startFakeApi } from '../testing/index.ts';
import { collect, fakeJpeg, sha256Of, type TempDir, tempDir } from '../testSupport.ts';
import type { StageEvent, StageOptions, StageSource } from './types.ts';

let api: FakeApi;
let dir: TempDir;
beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = await startFakeApi({ stepMs: 1 });
  dir = tempDir();
});
afterEach(async () => {
  vi.restoreAllMocks();
  dir[Symbol.dispose]();
  await api.close();
});

const restart = async (options: FakeApiOptions) => {
  await api.close();
  api = await startFakeApi({ stepMs: 1, ...options });
};
const run = (sources: StageSource | readonly StageSource[], options?: StageOptions, maxRetries = 3) =>
  collect(new Stager({ baseUrl: api.url, token: 't', maxRetries }).stage(sources, options));
const of = <T extends StageEvent['type']>(events: readonly StageEvent[], type: T) =>
  events.filter((event): event is Extract<StageEvent, { type: T }> => event.type === type);
const files = (events: readonly StageEvent[], type: StageEvent['type']) =>
  events.flatMap((event) => (event.type === type && 'file' in event ? [event.file] : [])).sort();
const summary = (events: readonly StageEvent[]) => {
  const last = events.at(-1);
  if (last?.type !== 'done') throw new Error(`ended with ${last?.type}`);
  return last.summary;
};
const count = (operation: string) => api.requests.filter((request) => request.operation === operation).length;

describe('a folder', () => {
  test('is uploaded, staged and downloaded, whatever its files are called', async () => {
    const contents = new Map([
      ['hall.jpg', fakeJpeg(1)],
      ['kitchen.png', fakeJpeg(2)],
      ['upstairs/hall.jpg', fakeJpeg(3)],
      ['upstairs/scan', fakeJpeg(4)],
    ]);
    for (const [name, bytes] of contents) dir.write(`photos/${name}`, bytes);
    dir.write('photos/notes.txt', 'hello');
    dir.write('photos/.hidden.jpg', fakeJpeg(9));
    const out = join(dir.path, 'staged');
    const events = await run(join(dir.path, 'photos'), { out });
    expect(of(events, 'start')).toEqual([{ type: 'start', files: 4, bytes: 16_000 }]);
    expect(of(events, 'skipped')).toEqual([{ type: 'skipped', file: 'notes.txt', reason: 'not_a_photo' }]);
    for (const type of ['hashed', 'uploaded', 'created', 'ready', 'downloaded'] as const) {
      expect(files(events, type), type).toEqual([...contents.keys()]);
    }
    expect(summary(events)).toMatchObject({
      found: 5,
      skipped: 1,
      rejected: 0,
      failed: 0,
      uploaded: 4,
      existing: 0,
      bytesSent: 16_000,
      images: 4,
      reused: 0,
      ready: 4,
      downloaded: 4,
      unchanged: 0,
    });
    const saved = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((name) =>
      statSync(join(out, name)).isFile(),
    );
    expect(saved.sort()).toEqual([
      'hall.finished.jpg',
      'kitchen.finished.jpg',
      'upstairs/hall.finished.jpg',
      'upstairs/scan.finished.jpg',
    ]);
    expect(sha256Of(readFileSync(join(out, 'upstairs/hall.finished.jpg')))).toBe(sha256Of(fakeJpeg(3)));
    expect(of(events, 'hashed')[0]?.contentType).toBe('image/jpeg');
  });

  test('has events in the order of things, for each file', async () => {
    dir.write('a.jpg', fakeJpeg(1, 700_000));
    const events = await run(dir.path, { wait: true });
    const types = events.map(({ type }) => type).filter((type, i, all) => type !== all[i - 1]);
    expect(types).toEqual([
      'start',
      'hashed',
      'uploading',
      'uploaded',
      'created',
      'processing',
      'progress',
      'ready',
      'done',
    ]);
    const sent = of(events, 'uploading').map((event) => event.sent);
    expect([sent[0], sent.at(-1)]).toEqual([0, 700_000]);
    expect(of(events, 'progress')[0]).toMatchObject({ progress: 0.5, stage: 'rendering' });
  });

  test('a second run sends no photo, makes no image, fetches no file', async () => {
    for (let i = 0; i < 5; i += 1) dir.write(`in/${i}.jpg`, fakeJpeg(i));
    const out = join(dir.path, 'out');
    await run(join(dir.path, 'in'), { out });
    const before = api.requests.length;
    const images = [...api.state.images.keys()];
    const events = await run(join(dir.path, 'in'), { out });
    expect(summary(events)).toMatchObject({
      uploaded: 0,
      existing: 5,
      bytesSent: 0,
      reused: 5,
      downloaded: 0,
      unchanged: 5,
    });
    const second = api.requests.slice(before).map(({ operation }) => operation);
    expect(second).not.toContain('storePut');
    expect(second).not.toContain('storeGet');
    expect(second).not.toContain('getImageDownloads');
    expect([...api.state.images.keys()]).toEqual(images);
    expect(of(events, 'downloaded').every(({ skipped }) => skipped)).toBe(true);
  });

  test('a changed file is sent, a spoilt result is fetched again', async () => {
    dir.write('in/a.jpg', fakeJpeg(1));
    dir.write('in/b.jpg', fakeJpeg(2));
    const out = join(dir.path, 'out');
    await run(join(dir.path, 'in'), { out });
    dir.write('in/a.jpg', fakeJpeg(3));
    writeFileSync(join(out, 'b.finished.jpg'), 'spoilt');
    const events = await run(join(dir.path, 'in'), { out });
    expect(files(events, 'uploaded')).toEqual(['a.jpg']);
    expect(summary(events)).toMatchObject({ downloaded: 2, unchanged: 0 });
    expect(sha256Of(readFileSync(join(out, 'b.finished.jpg')))).toBe(sha256Of(fakeJpeg(2)));
  });

  test('the results inside of it are not taken for photos, nor links that lead in a circle', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    symlinkSync(dir.path, join(dir.path, 'circle'));
    const out = join(dir.path, 'staged');
    await run(dir.path, { out });
    expect(files(await run(dir.path, { out }), 'hashed')).toEqual(['a.jpg']);
  });

  test('a photo that cannot be looked at is said, and the others go on', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    symlinkSync(join(dir.path, 'nowhere.jpg'), join(dir.path, 'broken.jpg'));
    symlinkSync(join(dir.path, 'nowhere'), join(dir.path, 'no-photo'));
    const odd = Buffer.concat([Buffer.from(join(dir.path, 'bad')), Buffer.from([0xff]), Buffer.from('.jpg')]);
    // File systems that take names in UTF-8 only cannot have this one.
    const isTaken = process.platform === 'linux';
    if (isTaken) writeFileSync(odd, fakeJpeg(2));
    for (const dryRun of [true, false]) {
      const events = await run(dir.path, { dryRun });
      const rejected = events.flatMap((event) => (event.type === 'rejected' ? [event] : []));
      expect(rejected.map(({ error }) => [error.code, error.message])).toEqual([
        ...(isTaken ? [['file_unreadable', 'Its name is not UTF-8. Rename it.']] : []),
        ['file_unreadable', 'It is a link that leads nowhere.'],
      ]);
      expect(files(events, 'hashed')).toEqual(['a.jpg']);
      expect(summary(events)).toMatchObject({ found: isTaken ? 3 : 2, rejected: isTaken ? 2 : 1 });
    }
  });

  test('equal photos are sent once', async () => {
    for (const name of ['a.jpg', 'b.jpg', 'c/d.jpg']) dir.write(`in/${name}`, fakeJpeg(1));
    const events = await run(join(dir.path, 'in'), { out: join(dir.path, 'out') });
    expect(count('storePut')).toBe(1);
    expect(api.state.images.size).toBe(1);
    expect(files(events, 'downloaded')).toEqual(['a.jpg', 'b.jpg', 'c/d.jpg']);
    expect(summary(events)).toMatchObject({ uploaded: 1, existing: 2, bytesSent: 4_000, ready: 3 });
    const fresh = await run(join(dir.path, 'in'), { reuse: false });
    expect(api.state.images.size).toBe(4);
    expect(summary(fresh)).toMatchObject({ images: 3, reused: 0, ready: 0 });
  });

  test('a hundred and more go in batches', async () => {
    for (let i = 0; i < 130; i += 1) dir.write(`${i}.jpg`, fakeJpeg(i, 600));
    const events = await run(dir.path, { wait: true });
    expect(summary(events)).toMatchObject({ uploaded: 130, ready: 130 });
    for (const operation of ['createUploads', 'finalizeUploads', 'createImages'] as const) {
      const sizes = api.requests.flatMap((request) =>
        request.operation === operation && typeof request.body === 'object' && request.body
          ? Object.values(request.body)
              .filter(Array.isArray)
              .map((list) => list.length)
          : [],
      );
      expect(Math.max(...sizes), operation).toBeLessThanOrEqual(100);
      expect(sizes.length, operation).toBeLessThan(50);
      expect(sizes.reduce((sum, n) => sum + n, 0)).toBe(130);
    }
  });
});

describe('sources', () => {
  test('can be files, folders and bytes, with names that tell them apart', async () => {
    const hall = dir.write('one/hall.jpg', fakeJpeg(1));
    dir.write('two/hall.jpg', fakeJpeg(2));
    const bytes = fakeJpeg(3);
    const sources = [
      join(dir.path, 'one'),
      join(dir.path, 'two'),
      hall,
      { name: '../x.jpg', bytes },
      { name: 'y.jpg', path: hall },
    ];
    const events = await run(sources);
    expect(files(events, 'hashed')).toEqual(['one/hall.jpg', 'two/hall.jpg', 'x.jpg', 'y.jpg']);
    const single = await run(hall);
    expect(files(single, 'exists')).toEqual(['hall.jpg']);
    const image = of(single, 'created')[0]?.image;
    // Two of the names had the same bytes: the image has that of whichever was read first.
    expect(['one/hall.jpg', 'y.jpg']).toContain(image?.name);
  });

  test('that are not there are said so, and nothing is sent', async () => {
    await expect(run(join(dir.path, 'nope'))).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('nope'),
    });
    await expect(run([{ name: 'x', path: join(dir.path, 'nope') }])).rejects.toMatchObject({
      code: 'invalid_options',
    });
    expect(count('createUploads')).toBe(0);
  });

  test('can be filtered', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    dir.write('b.jpg', fakeJpeg(2));
    const events = await run(dir.path, {
      files: ({ name, path, size }) => name === 'a.jpg' && path !== undefined && size > 0,
    });
    expect(files(events, 'hashed')).toEqual(['a.jpg']);
    expect(of(events, 'skipped')).toEqual([{ type: 'skipped', file: 'b.jpg', reason: 'filtered' }]);
  });

  test('an empty folder is a short run', async () => {
    expect((await run(dir.path, { wait: true })).map(({ type }) => type)).toEqual(['start', 'done']);
  });

  test('a dry run looks and sends nothing', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    dir.write('empty.jpg', '');
    const events = await run(dir.path, { dryRun: true, out: join(dir.path, 'out') });
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['hashed', 'rejected', 'done']));
    expect(api.requests.map(({ operation }) => operation)).toEqual(['getCatalog']);
  });

  test('choices that the engine cannot do are refused before anything is read', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    await expect(run(dir.path, { style: 'scandinavian' })).rejects.toMatchObject({
      message: expect.stringContaining('style'),
    });
    const events = await run(dir.path, {
      engine: 'furnish',
      style: 'modern',
      variations: 2,
      seed: 7,
      outputs: ['staged'],
      out: join(dir.path, 'o'),
    });
    expect(readdirSync(join(dir.path, 'o')).sort()).toEqual(['a.staged.2.jpg', 'a.staged.jpg']);
    expect(of(events, 'created').map(({ image }) => [image.style, image.seed, image.variation])).toEqual([
      ['modern', 7, 0],
      ['modern', 7, 1],
    ]);
    const other = await run(dir.path, { out: join(dir.path, 'p'), outputs: ['nothing'] });
    expect(of(other, 'downloaded')).toEqual([]);
  });

  test('are made with the priority that was wished, and the usual one otherwise', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    await run(dir.path, { priority: 'low' });
    await run(dir.path, { reuse: false });
    const created = api.requests.filter(({ operation }) => operation === 'createImages');
    expect(created.map(({ body }) => body)).toMatchObject([{ priority: 'low' }, {}]);
    expect(created[1]?.body).not.toHaveProperty('priority');
  });

  test('belong to the project that is named', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    const { id } = await new Stager({ baseUrl: api.url, token: 't' }).projects.create({ name: 'Listing 42' });
    await run(dir.path, { project: id, wait: true });
    expect([...api.state.images.values()].map((image) => image.projectId)).toEqual([id]);
    await expect(run(dir.path, { project: `prj_${'0'.repeat(26)}` })).rejects.toMatchObject({
      name: 'NotFoundError',
    });
  });
});

describe('what goes wrong with one file stops no other', () => {
  test('a file that is no photo, empty, too large or unreadable', async () => {
    await restart({
      catalog: { upload: { contentTypes: ['image/jpeg'], maxBytes: 10_000, maxPixels: 1, batchMax: 100 } },
    });
    dir.write('good.jpg', fakeJpeg(1));
    dir.write('empty.jpg', '');
    dir.write('text.jpg', 'hello');
    dir.write('large.jpg', fakeJpeg(2, 10_001));
    const events = await run(dir.path, { wait: true });
    const facts = of(events, 'rejected').map(({ file, size, error }) => [file, [error.code, size]]);
    expect(Object.fromEntries(facts)).toEqual({
      'empty.jpg': ['file_empty', 0],
      'text.jpg': ['unsupported_format', 5],
      'large.jpg': ['file_too_large', 10_001],
    });
    expect(files(events, 'ready')).toEqual(['good.jpg']);
    expect(summary(events)).toMatchObject({ rejected: 3, failed: 0, ready: 1 });
  });

  test('nor is it an error that none is left to wait for', async () => {
    await restart({ latencyMs: 50 });
    dir.write('text.jpg', 'hello');
    const events = await run(dir.path, { wait: true });
    expect(summary(events)).toMatchObject({ rejected: 1, failed: 0 });
  });

  test('a file that vanishes, or changes while it is read', async () => {
    dir.write('keep.jpg', fakeJpeg(1));
    const gone = dir.write('gone.jpg', fakeJpeg(2));
    const shrunk = dir.write('shrunk.jpg', fakeJpeg(3));
    const { unlinkSync } = await import('node:fs');
    const events = await run(dir.path, {
      wait: true,
      files({ name }) {
        if (name === 'gone.jpg') unlinkSync(gone);
        if (name === 'shrunk.jpg') truncateSync(shrunk, 2_000);
        return true;
      },
    });
    expect(of(events, 'rejected')).toEqual([
      expect.objectContaining({
        file: 'gone.jpg',
        error: expect.objectContaining({ code: 'file_unreadable' }),
      }),
    ]);
    expect(files(events, 'ready')).toEqual(['keep.jpg', 'shrunk.jpg']);
    expect(of(events, 'hashed').find(({ file }) => file === 'shrunk.jpg')?.size).toBe(2_000);
  });

  test('an image that fails', async () => {
    await restart({ outcome: (image) => (image.name === 'bad.jpg' ? 'error' : 'ready') });
    dir.write('bad.jpg', fakeJpeg(1));
    dir.write('good.jpg', fakeJpeg(2));
    const events = await run(dir.path, { wait: true });
    expect(of(events, 'failed')).toEqual([
      expect.objectContaining({
        file: 'bad.jpg',
        imageId: expect.stringMatching(/^img_/),
        error: expect.objectContaining({ code: 'engine_failed' }),
      }),
    ]);
    expect(files(events, 'ready')).toEqual(['good.jpg']);
  });

  test('an image that is canceled or deleted meanwhile', async () => {
    await restart({ outcome: () => 'hold' });
    for (const [seed, name] of ['canceled.jpg', 'deleted.jpg', 'good.jpg'].entries())
      dir.write(name, fakeJpeg(seed));
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    const failed: string[] = [];
    for await (const event of stager.stage(dir.path, { wait: true })) {
      if (event.type === 'created' && event.file === 'canceled.jpg')
        await stager.images.cancel(event.imageId);
      if (event.type === 'created' && event.file === 'deleted.jpg') await stager.images.delete(event.imageId);
      if (event.type === 'created' && event.file === 'good.jpg') api.finish(event.imageId);
      if (event.type === 'failed') failed.push(`${event.file}: ${event.error.code}`);
    }
    expect(failed.sort()).toEqual(['canceled.jpg: canceled', 'deleted.jpg: not_found']);
  });

  test('a store that is busy, cuts, or answers late', async () => {
    for (let i = 0; i < 6; i += 1) dir.write(`${i}.jpg`, fakeJpeg(i));
    api.failNext({ operation: 'storePut', status: 503, times: 2 });
    api.failNext({ operation: 'storePut', cut: true, times: 2 });
    api.failNext({ operation: 'storePut', status: 429, retryAfter: 0 });
    api.failNext({ operation: 'storeGet', status: 500 });
    api.failNext({ operation: 'storeGet', cut: true });
    // As often as it fails in all: it may be the same photo each time.
    const events = await run(dir.path, { out: join(dir.path, 'out') }, 5);
    expect(summary(events)).toMatchObject({ failed: 0, uploaded: 6, downloaded: 6 });
    expect(count('storePut')).toBeGreaterThanOrEqual(9);
  });

  test('a store that never takes one of them', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    api.failNext({ operation: 'storePut', status: 503, times: 100 });
    const busy = await run(dir.path, { wait: true });
    expect(of(busy, 'failed')).toEqual([
      expect.objectContaining({
        file: 'a.jpg',
        error: expect.objectContaining({ code: 'transfer_failed', retryable: true }),
      }),
    ]);
    expect(count('storePut')).toBe(4);
  });

  test('a store that does not like one of them', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    dir.write('b.jpg', fakeJpeg(2));
    api.failNext({ operation: 'storePut', status: 400 });
    const events = await run(dir.path, { wait: true });
    expect(of(events, 'failed')[0]?.error).toMatchObject({ code: 'upload_refused', retryable: false });
    expect(summary(events)).toMatchObject({ failed: 1, ready: 1 });
  });

  test('an upload link that has expired: another one is asked for', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    api.failNext({ operation: 'storePut', status: 403 });
    const events = await run(dir.path, { wait: true });
    expect(summary(events)).toMatchObject({ uploaded: 1, failed: 0 });
    expect(count('createUploads')).toBe(2);
    await restart({ ticketLifeMs: -1 });
    const never = await run(dir.path, { wait: true });
    expect(summary(never)).toMatchObject({ uploaded: 0, failed: 1 });
    expect(count('createUploads')).toBe(3);
  });

  test('bytes that were lost between the store and finalizing are sent again', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    let lost = false;
    const fetched: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (!lost && String(input).includes('/store/uploads/')) {
        lost = true;
        for (const upload of api.state.uploads.values()) upload.bytes = undefined;
      }
      return response;
    };
    const events = await collect(
      new Stager({ baseUrl: stager.baseUrl, token: 't', fetch: (input, init) => fetched(input, init) }).stage(
        dir.path,
      ),
    );
    expect(summary(events)).toMatchObject({ uploaded: 1, failed: 0 });
    expect(count('storePut')).toBe(2);
  });

  test('a batch that the API cannot take just now', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    dir.write('b.jpg', fakeJpeg(1));
    api.failNext({ operation: 'createUploads', code: 'unavailable', times: 4 });
    const events = await run(dir.path, { wait: true });
    expect(
      of(events, 'failed')
        .map(({ file, error }) => [file, error.code])
        .sort(),
    ).toEqual([
      ['a.jpg', 'unavailable'],
      ['b.jpg', 'unavailable'],
    ]);
    api.failNext({ operation: 'finalizeUploads', code: 'unavailable', times: 4 });
    expect(summary(await run(dir.path))).toMatchObject({ failed: 2 });
    api.failNext({ operation: 'createImages', code: 'unavailable', times: 4 });
    expect(summary(await run(join(dir.path, 'a.jpg')))).toMatchObject({ failed: 1, uploaded: 1 });
  });

  test('a refusal by the API after the upload', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    const refuse =
      (name: string, result: object) => async (input: string | URL | Request, init?: RequestInit) =>
        String(input).endsWith(name) ? Response.json({ results: [result] }) : fetch(input, init);
    const error = { code: 'too_many_pixels', message: 'Too many.', retryable: false };
    const stageWith = (fetcher: ReturnType<typeof refuse>) =>
      collect(new Stager({ baseUrl: api.url, token: 't', fetch: fetcher }).stage(dir.path, { wait: true }));
    const refused = await stageWith(
      refuse('/v1/uploads/finalize', { status: 'error', uploadId: 'x', error }),
    );
    expect(of(refused, 'rejected')[0]?.error).toEqual(error);
    const ticketless = await stageWith(refuse('/v1/uploads', { status: 'error', sha256: 'x', error }));
    expect(of(ticketless, 'rejected')[0]?.error).toEqual(error);
    const imageless = await stageWith(refuse('/v1/images', { status: 'error', error }));
    expect(of(imageless, 'failed')[0]?.error).toMatchObject(error);
  });
});

describe('a plan that is used up', () => {
  // Of ten images. Each photo is a call of its own: nothing else in a call has what the plan refuses to one.
  const upload = { contentTypes: ['image/jpeg'], maxBytes: 10_000, maxPixels: 1, batchMax: 1 };
  beforeEach(async () => restart({ plan: 'free', catalog: { upload } }));
  const write = (folder: string, from: number, to: number) => {
    for (let i = from; i < to; i += 1) dir.write(`${folder}/${i}.jpg`, fakeJpeg(i));
    return join(dir.path, folder);
  };

  test('makes what there is room for, however the photos are spread over calls', async () => {
    const events = await run(write('in', 0, 12), { wait: true });
    expect(summary(events)).toMatchObject({ images: 10, ready: 10, failed: 2 });
    const codes = of(events, 'failed').map(({ error }) => error.code);
    expect(codes).toEqual(['quota_exceeded', 'quota_exceeded']);
    const links = of(events, 'failed').map(({ error }) => error.link);
    expect(links).toEqual([`${api.url}/billing`, `${api.url}/billing`]);
  });

  test('still gives what was made before, and takes no photo that it cannot stage', async () => {
    await run(write('in', 0, 12), { wait: true });
    const events = await run(write('in', 12, 40), { wait: true, concurrency: 1 });
    expect(summary(events)).toMatchObject({ images: 10, reused: 10, ready: 10, failed: 30 });
    const refused = events.findIndex(({ type }) => type === 'failed');
    const sentLater = new Set(files(events.slice(refused), 'uploading'));
    // The one that was on its way.
    expect(sentLater.size).toBeLessThanOrEqual(1);
  });

  test('is an error when it has nothing for any of them', async () => {
    await run(write('in', 0, 10), { wait: true });
    const refused = run(write('other', 10, 13), { wait: true });
    await expect(refused).rejects.toMatchObject({ code: 'quota_exceeded', status: 402 });
  });
});

describe('what concerns all ends the run', () => {
  test('no permission', async () => {
    dir.write('a.jpg', fakeJpeg(1));
    api.failNext({ operation: 'createUploads', code: 'insufficient_scope' });
    await expect(run(dir.path)).rejects.toMatchObject({ name: 'PermissionError' });
    api.failNext({ operation: 'streamEvents', code: 'insufficient_scope' });
    await expect(run(dir.path, { wait: true })).rejects.toMatchObject({ name: 'PermissionError' });
    api.failNext({ operation: 'createImages', code: 'account_suspended' });
    await expect(run(dir.path)).rejects.toMatchObject({ code: 'account_suspended' });
    api.failNext({ operation: 'getCatalog', status: 404 });
    await expect(run(dir.path)).rejects.toMatchObject({ status: 404 });
  });

  test('abort: at once, and a later run goes on from there', async () => {
    for (let i = 0; i < 10; i += 1) dir.write(`${i}.jpg`, fakeJpeg(i, 200_000));
    const out = join(dir.path, 'out');
    const controller = new AbortController();
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    let uploaded = 0;
    const consume = async () => {
      for await (const event of stager.stage(dir.path, { out, signal: controller.signal, concurrency: 1 })) {
        if (event.type === 'uploaded') uploaded += 1;
        if (uploaded === 2) controller.abort('Ctrl-C');
      }
    };
    await expect(consume()).rejects.toMatchObject({ name: 'AbortError' });
    expect(uploaded).toBeLessThan(10);
    // What was under way may still have arrived.
    const { existing, ...rest } = summary(await run(dir.path, { out }));
    expect(existing).toBeGreaterThanOrEqual(uploaded);
    expect(rest).toMatchObject({ uploaded: 10 - existing, ready: 10 });
    expect(readdirSync(out).filter((name) => name.includes('.part'))).toEqual([]);
    await expect(run(dir.path, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });

  test('leaving the loop stops everything that was under way', async () => {
    for (let i = 0; i < 20; i += 1) dir.write(`${i}.jpg`, fakeJpeg(i, 100_000));
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    for await (const event of stager.stage(dir.path, { wait: true })) if (event.type === 'uploading') break;
    await vi.waitFor(() => expect(api.openStreams).toBe(0));
    // What was sent before has arrived when this is answered.
    await stager.health();
    const after = api.requests.length;
    await stager.health();
    expect(api.requests.length).toBe(after + 1);
  });
});

describe('waiting', () => {
  test('misses nothing when the stream is cut, restarted or reset', async () => {
    await restart({ outcome: () => 'hold' });
    for (let i = 0; i < 6; i += 1) dir.write(`${i}.jpg`, fakeJpeg(i));
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    const ready: string[] = [];
    let created = 0;
    for await (const event of stager.stage(dir.path, { wait: true })) {
      if (event.type === 'ready') ready.push(event.file);
      if (event.type !== 'created') continue;
      created += 1;
      if (created === 2) api.cutConnections();
      api.finish(event.imageId);
      if (created === 4) {
        api.state.forgetEvents();
        api.cutConnections();
      }
    }
    expect(ready.sort()).toEqual([0, 1, 2, 3, 4, 5].map((i) => `${i}.jpg`));
  });

  test('takes what another run has begun', async () => {
    await restart({ outcome: () => 'hold' });
    dir.write('a.jpg', fakeJpeg(1));
    await run(dir.path);
    const [id = ''] = [...api.state.images.keys()];
    const stager = new Stager({ baseUrl: api.url, token: 't' });
    const types: string[] = [];
    for await (const event of stager.stage(dir.path, { wait: true })) {
      types.push(event.type);
      if (event.type === 'created') {
        expect(event).toMatchObject({ imageId: id, reused: true });
        api.finish(id);
      }
    }
    expect(types).toEqual(['start', 'hashed', 'exists', 'created', 'ready', 'done']);
  });
});
