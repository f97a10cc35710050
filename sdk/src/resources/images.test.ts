import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { startCutProxy } from '../../../tests/support/cutProxy.ts';
import { Stager } from '../client.ts';
import { type FakeApi, startFakeApi } from '../testing/index.ts';
import { fakeJpeg, sha256Of, type TempDir, tempDir } from '../testSupport.ts';

let api: FakeApi;
let dir: TempDir;
let stager: Stager;
beforeEach(async () => {
  vi.spyOn(Math, 'random').mockReturnValue(0);
  api = await startFakeApi({ outcome: () => 'hold' });
  stager = new Stager({ baseUrl: api.url, token: 't' });
  dir = tempDir();
});
afterEach(async () => {
  vi.restoreAllMocks();
  dir[Symbol.dispose]();
  await api.close();
});

const PHOTO = fakeJpeg(1, 300_000);

/** Images of one photo, one per seed. */
async function make(...seeds: number[]): Promise<string[]> {
  const ids: string[] = [];
  for (const seed of seeds) {
    const stream = stager.stage([{ name: 'p.jpg', bytes: PHOTO }], { seed });
    for await (const event of stream) if (event.type === 'created') ids.push(event.imageId);
  }
  return ids;
}

async function makeReady(): Promise<string> {
  const [id = ''] = await make(1);
  api.finish(id);
  return id;
}

describe('waiting for images', () => {
  test('gives them in the order of the ids, however they end', async () => {
    const ids = await make(1, 2, 3);
    const types: string[] = [];
    const waiting = stager.images.wait(ids, { onEvent: (event) => types.push(event.type) });
    await vi.waitFor(() => expect(api.openStreams).toBe(1));
    api.finish(ids[1] ?? '', 'error');
    api.finish(ids[0] ?? '');
    await stager.images.cancel(ids[2] ?? '');
    expect((await waiting).map(({ id, state }) => [id, state])).toEqual([
      [ids[0], 'ready'],
      [ids[1], 'error'],
      [ids[2], 'canceled'],
    ]);
    expect(types.sort()).toEqual(['image.canceled', 'image.error', 'image.ready']);
    await vi.waitFor(() => expect(api.openStreams).toBe(0));
  });

  test('takes one id for one image, and those that have ended already', async () => {
    const id = await makeReady();
    expect((await stager.images.wait(id)).state).toBe('ready');
    expect(await stager.images.wait([])).toEqual([]);
    const again = await stager.images.wait([id, id]);
    expect(again.map((image) => image.id)).toEqual([id, id]);
  });

  test('ends when an image does not exist, or is deleted meanwhile', async () => {
    await expect(stager.images.wait(`img_${'0'.repeat(26)}`)).rejects.toMatchObject({
      name: 'NotFoundError',
    });
    const [id = ''] = await make(1);
    const waiting = stager.images.wait(id);
    waiting.catch(() => undefined);
    await vi.waitFor(() => expect(api.openStreams).toBe(1));
    await stager.images.delete(id);
    await expect(waiting).rejects.toMatchObject({ name: 'NotFoundError' });
  });

  test('ends with its time or its signal, and closes the stream', async () => {
    const [id = ''] = await make(1);
    await expect(stager.images.wait(id, { timeoutMs: 50 })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(stager.images.wait([id, id], { timeoutMs: 50 })).rejects.toThrow('images have');
    const controller = new AbortController();
    const waiting = stager.images.wait(id, { signal: controller.signal });
    waiting.catch(() => undefined);
    await vi.waitFor(() => expect(api.openStreams).toBe(1));
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await vi.waitFor(() => expect(api.openStreams).toBe(0));
  });

  test.each([
    ['is away', { cut: true }],
    ['says that it is away', { code: 'unavailable' }],
  ] as const)('outlasts an API that %s, however often it is asked', async (_name, failure) => {
    const [id = ''] = await make(1);
    const waiting = stager.images.wait(id);
    await vi.waitFor(() => expect(api.openStreams).toBe(1));
    api.failNext({ operation: 'getImage', times: 20, ...failure });
    api.finish(id);
    expect((await waiting).state).toBe('ready');
  });

  test('ends when an image may not be read', async () => {
    const id = await makeReady();
    api.failNext({ operation: 'getImage', code: 'insufficient_scope' });
    await expect(stager.images.wait(id)).rejects.toMatchObject({ name: 'PermissionError' });
  });

  test('ends when the stream is refused', async () => {
    const [id = ''] = await make(1);
    api.failNext({ operation: 'streamEvents', code: 'insufficient_scope' });
    await expect(stager.images.wait(id)).rejects.toMatchObject({ name: 'PermissionError' });
  });

  test('looks now and then, should the stream be swallowed on its way', async () => {
    const [id = ''] = await make(1);
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const mute = new Stager({
      baseUrl: api.url,
      token: 't',
      fetch(input, init) {
        if (!String(input).includes('/v1/events')) return fetch(input, init);
        const snapshot = 'event: snapshot\ndata: {"type":"snapshot","images":[],"truncated":false}\n\n';
        const body = new ReadableStream({
          start: (sink) => sink.enqueue(new TextEncoder().encode(snapshot)),
        });
        return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
      },
    });
    const waiting = mute.images.wait(id);
    await vi.waitFor(() => expect(api.requests.at(-1)?.operation).toBe('getImage'));
    api.finish(id);
    await vi.advanceTimersByTimeAsync(60_000);
    vi.useRealTimers();
    expect((await waiting).state).toBe('ready');
  });
});

describe('the life of an image', () => {
  test('retry, cancel, delete, list', async () => {
    const [id = ''] = await make(1);
    await expect(stager.images.retry(id)).rejects.toMatchObject({ code: 'invalid_state' });
    expect((await stager.images.cancel(id)).state).toBe('canceled');
    await expect(stager.images.cancel(id)).rejects.toMatchObject({ code: 'invalid_state' });
    expect((await stager.images.retry(id)).state).toBe('queued');
    expect((await stager.images.list({ state: 'queued' }).toArray()).map((image) => image.id)).toEqual([id]);
    expect((await stager.images.downloads(id)).items.map(({ name }) => name)).toEqual(['original']);
    expect(await stager.images.delete(id)).toBeUndefined();
    await expect(stager.images.get(id)).rejects.toMatchObject({ status: 404 });
  });

  test('the calls around an upload can be made by hand', async () => {
    const sha256 = sha256Of(PHOTO);
    const [ticket] = (
      await stager.uploads.create([{ sha256, size: PHOTO.length, contentType: 'image/jpeg' }])
    ).results;
    if (ticket?.status !== 'upload') throw new Error('no ticket');
    const send = (body: Uint8Array<ArrayBuffer>, headers = {}) =>
      fetch(ticket.url, { method: 'PUT', headers: { ...ticket.headers, ...headers }, body });
    expect((await send(fakeJpeg(2, 300_000))).status).toBe(400);
    expect((await send(fakeJpeg(2, 10), { 'content-length': '10' })).status).toBe(400);
    expect((await send(PHOTO, { 'content-type': 'image/png' })).status).toBe(403);
    expect((await send(PHOTO)).status).toBe(200);
    const { results } = await stager.uploads.finalize([ticket.uploadId, `upl_${'0'.repeat(26)}`]);
    expect(results.map(({ status }) => status)).toEqual(['ready', 'error']);
    expect((await stager.uploads.finalize([ticket.uploadId])).results[0]?.status).toBe('ready');
  });
});

describe('downloads', () => {
  test('one file as a stream, with what is known of it', async () => {
    const id = await makeReady();
    const { body, ...facts } = await stager.images.download(id);
    expect(facts).toEqual({
      output: 'finished',
      contentType: 'image/jpeg',
      size: 300_000,
      sha256: sha256Of(PHOTO),
    });
    expect(sha256Of(new Uint8Array(await new Response(body).arrayBuffer()))).toBe(facts.sha256);
    const original = await stager.images.download(id, { output: 'original' });
    await original.body.cancel();
    await expect(stager.images.download(id, { output: 'mask' })).rejects.toThrow(
      'it has: finished, original',
    );
    const [unfinished = ''] = await make(2);
    await expect(stager.images.download(unfinished)).rejects.toThrow('no outputs yet');
  });

  test('one file to disk: whole, verified, and left alone when it is there', async () => {
    const id = await makeReady();
    const path = join(dir.path, 'deep/er/x.jpg');
    expect(await stager.images.downloadTo(id, path)).toMatchObject({ path, size: 300_000, skipped: false });
    expect(sha256Of(readFileSync(path))).toBe(sha256Of(PHOTO));
    const { mtimeMs } = statSync(path);
    expect(await stager.images.downloadTo(id, path)).toMatchObject({ skipped: true });
    expect(statSync(path).mtimeMs).toBe(mtimeMs);
  });

  test('a cut line, an expired link and a busy store are tried again', async () => {
    const id = await makeReady();
    const proxy = await startCutProxy(api.url, (n) => (n < 2 ? 100_000 : null));
    const shaky = new Stager({
      baseUrl: api.url,
      token: 't',
      fetch: (input, init) => fetch(String(input).replace(`${api.url}/store`, `${proxy.url}/store`), init),
    });
    api.failNext({ operation: 'storeGet', status: 403 });
    const path = join(dir.path, 'x.jpg');
    await shaky.images.downloadTo(id, path);
    expect(sha256Of(readFileSync(path))).toBe(sha256Of(PHOTO));
    expect(proxy.connections).toBeGreaterThanOrEqual(3);
    await proxy.close();
    api.failNext({ operation: 'storeGet', cut: true, times: 2 });
    await expect(stager.images.download(id, { maxRetries: 1 })).rejects.toMatchObject({
      name: 'ConnectionError',
    });
    api.failNext({ operation: 'storeGet', status: 404 });
    await expect(stager.images.downloadTo(id, path.replace('x', 'y'))).rejects.toMatchObject({
      name: 'TransferError',
      status: 404,
    });
  });

  test.each([
    ['other bytes', fakeJpeg(9, 300_000)],
    ['too many', fakeJpeg(1, 300_001)],
    ['too few', fakeJpeg(1, 299_999)],
  ])('%s are refused and leave nothing behind', async (_name, bytes) => {
    const id = await makeReady();
    api.state.objects.set(`${id}.finished`, bytes);
    const path = join(dir.path, 'x.jpg');
    await expect(stager.images.downloadTo(id, path, { maxRetries: 1 })).rejects.toMatchObject({
      code: 'checksum_mismatch',
    });
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(dir.path)).toEqual([]);
  });

  test('an abort in the middle leaves nothing behind', async () => {
    const id = await makeReady();
    const controller = new AbortController();
    const slow = new Stager({
      baseUrl: api.url,
      token: 't',
      async fetch(input, init) {
        if (!String(input).includes('/store/')) return fetch(input, init);
        const body = new ReadableStream({
          pull(sink) {
            sink.enqueue(new Uint8Array(10));
            init?.signal?.addEventListener('abort', () => sink.error(new DOMException('x', 'AbortError')));
            queueMicrotask(() => controller.abort());
            return new Promise(() => undefined);
          },
        });
        return new Response(body);
      },
    });
    const path = join(dir.path, 'x.jpg');
    await expect(slow.images.downloadTo(id, path, { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(readdirSync(dir.path)).toEqual([]);
  });

  test('a store that says nothing is given up', async () => {
    const id = await makeReady();
    const impatient = new Stager({ baseUrl: api.url, token: 't', timeoutMs: 300 });
    api.failNext({ operation: 'storeGet', hang: true, times: 2 });
    await expect(impatient.images.download(id, { maxRetries: 1 })).rejects.toMatchObject({
      code: 'connection_failed',
    });
    const stuck = new Stager({
      baseUrl: api.url,
      token: 't',
      timeoutMs: 300,
      async fetch(input, init) {
        if (!String(input).includes('/store/')) return fetch(input, init);
        return new Response(
          new ReadableStream({
            start: (sink) => init?.signal?.addEventListener('abort', () => sink.error(new Error('idle'))),
          }),
        );
      },
    });
    const path = join(dir.path, 'x.jpg');
    await expect(stuck.images.downloadTo(id, path, { maxRetries: 0 })).rejects.toMatchObject({
      code: 'transfer_failed',
    });
    expect(readdirSync(dir.path)).toEqual([]);
  });
});
