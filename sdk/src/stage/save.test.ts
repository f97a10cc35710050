import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Stager } from '../client.ts';
import { explainWrite } from '../files/write.ts';
import { startFakeApi } from '../testing/index.ts';
import { collect, fakeJpeg, tempDir } from '../testSupport.ts';

/** Results arrive until the disk says that it is full. */
const ontoFullDisk: typeof fetch = async (input, init) => {
  const response = await fetch(input, init);
  if (!new URL(response.url).pathname.startsWith('/store/objects/')) return response;
  await response.body?.cancel();
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
  const body = new ReadableStream({ pull: (sink) => sink.error(explainWrite(full, 'out')) });
  return new Response(body, response);
};

test('once the disk is full nothing more is fetched, and each photo is told of once', async () => {
  await using api = await startFakeApi({ stepMs: 1 });
  const dir = tempDir();
  onTestFinished(() => dir[Symbol.dispose]());
  const photos = Array.from({ length: 20 }, (_, i) => ({ name: `p${i}.jpg`, bytes: fakeJpeg(i) }));
  const client = new Stager({ baseUrl: api.url, token: 't', fetch: ontoFullDisk });
  const events = await collect(client.stage(photos, { out: join(dir.path, 'staged') }));
  const failed = events.flatMap((event) => (event.type === 'failed' ? [event] : []));
  expect(failed.map(({ file }) => file).sort()).toEqual(photos.map(({ name }) => name).sort());
  expect(failed.every(({ error }) => error.message.endsWith('there is no space left.'))).toBe(true);
  // Four are saved at the same time.
  const fetched = api.requests.filter(({ operation }) => operation === 'getImageDownloads');
  expect(fetched.length).toBeLessThanOrEqual(4);
});
