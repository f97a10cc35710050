import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StageEvent, Stager } from '@stager/sdk';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chart } from '../formats/chart.ts';
import { fixture, phonePhoto } from '../formats/heic.ts';
import { createClient } from '../support/http.ts';
import { sha256 } from '../support/photos.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let stager: Stager;
let out = '';
beforeAll(async () => {
  stack = await startTestStack();
  stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
  out = await mkdtemp(join(tmpdir(), 'stager-acceptance-formats-'));
});
afterAll(async () => {
  await stack.stop();
  await rm(out, { recursive: true, force: true });
});

test('photos of a phone are staged; what is no photo for us is named before it is sent', async () => {
  const sources = [
    { name: 'hall.HEIC', bytes: phonePhoto() },
    { name: 'looks-like.jpg', bytes: fixture('plain') },
    { name: 'scan.tif', bytes: await chart().tiff().toBuffer() },
  ];
  const events: StageEvent[] = [];
  for await (const event of stager.stage(sources, { engine: 'finish', wait: true, out })) events.push(event);
  const rejected = events.flatMap((event) => (event.type === 'rejected' ? [event] : []));
  expect(rejected).toMatchObject([
    { file: 'scan.tif', error: { code: 'unsupported_format', message: expect.stringContaining('TIFF') } },
  ]);
  const ready = events.flatMap((event) => (event.type === 'ready' ? [event.file] : []));
  expect(ready.toSorted()).toEqual(['hall.HEIC', 'looks-like.jpg']);
  const finished = await sharp(join(out, 'hall.finished.jpg')).metadata();
  expect(finished).toMatchObject({ format: 'jpeg', width: 126, height: 190, hasProfile: true });
});

test('the original is kept as it was sent', async () => {
  const bytes = phonePhoto({ turns: 0 });
  let imageId = '';
  for await (const event of stager.stage([{ name: 'hall.HEIC', bytes }], { engine: 'finish', wait: true })) {
    if (event.type === 'ready') imageId = event.imageId;
  }
  const api = createClient(stack.apiUrl, await stack.token());
  const { body } = await api.get(`/v1/images/${imageId}/downloads`);
  const original = body.items.find(({ name }: { name: string }) => name === 'original');
  expect(original).toMatchObject({ contentType: 'image/heic', sha256: sha256(bytes) });
  const answer = await fetch(original.url);
  expect(answer.headers.get('content-type')).toBe('image/heic');
  expect(answer.headers.get('content-disposition')).toContain('hall.original.heic');
  expect(sha256(new Uint8Array(await answer.arrayBuffer()))).toBe(sha256(bytes));
});
