import { Stager, type StreamEvent } from '@stager/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Client, createClient } from '../support/http.ts';
import { makePhoto, sha256, type TestPhoto } from '../support/photos.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { objectsOrigin, readStored, withAlteredSignature, withLaterEnd } from '../support/stored.ts';

let stack: TestStack;
let api: Client;
let stager: Stager;
beforeAll(async () => {
  stack = await startTestStack();
  api = createClient(stack.apiUrl, await stack.token());
  stager = new Stager({ baseUrl: stack.apiUrl, token: await stack.token() });
});
afterAll(() => stack.stop());

async function presign(photo: TestPhoto) {
  const answer = await api.post('/v1/uploads', {
    files: [{ sha256: photo.sha256, size: photo.bytes.length, contentType: photo.contentType }],
  });
  expect(answer.status).toBe(200);
  return answer.body.results[0];
}

async function put(
  ticket: { url: string; headers: Record<string, string> },
  body: Buffer,
  change: object = {},
) {
  return fetch(ticket.url, {
    method: 'PUT',
    headers: { ...ticket.headers, ...change },
    body: new Uint8Array(body),
  });
}

async function upload(photo: TestPhoto): Promise<string> {
  const ticket = await presign(photo);
  if (ticket.status === 'exists') return ticket.original.id;
  expect((await put(ticket, photo.bytes)).status).toBe(200);
  const finalized = await api.post('/v1/uploads/finalize', { uploadIds: [ticket.uploadId] });
  expect(finalized.body.results[0]).toMatchObject({ status: 'ready', original: { sha256: photo.sha256 } });
  return finalized.body.results[0].original.id;
}

describe('uploads', () => {
  test('success: returns presigned URL', async () => {
    const photo = await makePhoto(1);
    const ticket = await presign(photo);
    expect(ticket).toMatchObject({ status: 'upload', method: 'PUT', sha256: photo.sha256 });
    expect(new URL(ticket.url).origin).toBe(objectsOrigin(stack));
    expect(ticket.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(photo.bytes.length),
    });
    expect(Date.parse(ticket.expiresAt)).toBeGreaterThan(Date.now());
  });

  test('the same photo is never sent twice', async () => {
    const photo = await makePhoto(2);
    const id = await upload(photo);
    expect(await presign(photo)).toMatchObject({ status: 'exists', original: { id } });
  });

  test('finalizing twice, also at once, gives one original', async () => {
    const photo = await makePhoto(3);
    const ticket = await presign(photo);
    await put(ticket, photo.bytes);
    const body = { uploadIds: [ticket.uploadId] };
    const answers = await Promise.all([1, 2, 3, 4].map(() => api.post('/v1/uploads/finalize', body)));
    const ids = new Set(answers.map((answer) => answer.body.results[0].original?.id));
    expect(ids.size).toBe(1);
    expect([...ids][0]).toMatch(/^org_/);
  });

  test('a link that is used again behind finalize changes nothing of what was kept', async () => {
    const photo = await makePhoto(40);
    const ticket = await presign(photo);
    await put(ticket, photo.bytes);
    const finalize = () => api.post('/v1/uploads/finalize', { uploadIds: [ticket.uploadId] });
    const first = (await finalize()).body.results[0];
    const wrong = Buffer.from(photo.bytes);
    wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
    expect((await put(ticket, wrong)).ok).toBe(false);
    // The link lives on; what it brings is the same photo, to a place where nobody looks any more.
    await put(ticket, photo.bytes);
    expect((await finalize()).body.results[0]).toEqual(first);
    expect(await presign(photo)).toMatchObject({ status: 'exists', original: first.original });
    const created = await api.post('/v1/images', {
      items: [{ engine: 'finish', originalId: first.original.id }],
    });
    const { id } = created.body.results[0].images[0];
    await expect.poll(async () => (await api.get(`/v1/images/${id}`)).body.state).toBe('ready');
  });

  test('finalizing what never arrived is a clear, retryable error', async () => {
    const ticket = await presign(await makePhoto(4));
    const answer = await api.post('/v1/uploads/finalize', { uploadIds: [ticket.uploadId] });
    expect(answer.body.results[0]).toMatchObject({
      status: 'error',
      error: { code: 'upload_missing', retryable: true },
    });
  });

  test('wrong bytes, wrong length, an altered or expired URL are refused and leave nothing', async () => {
    const photo = await makePhoto(5);
    const ticket = await presign(photo);
    const wrong = Buffer.from(photo.bytes);
    wrong[wrong.length >> 1] = (wrong[wrong.length >> 1] ?? 0) ^ 1;
    expect((await put(ticket, wrong)).status).toBe(400);
    const altered = { ...ticket, url: withAlteredSignature(ticket.url) };
    expect((await put(altered, photo.bytes)).status).toBe(403);
    const later = { ...ticket, url: withLaterEnd(ticket.url) };
    expect((await put(later, photo.bytes)).status).toBe(403);
    expect((await put(ticket, photo.bytes, { 'content-type': 'image/png' })).status).toBe(403);
    const answer = await api.post('/v1/uploads/finalize', { uploadIds: [ticket.uploadId] });
    expect(answer.body.results[0].error.code).toBe('upload_missing');
  });

  test('a batch keeps its order and refuses each file for itself', async () => {
    const good = await makePhoto(6);
    const files = [
      { sha256: good.sha256, size: good.bytes.length, contentType: 'image/jpeg' },
      { sha256: 'a'.repeat(64), size: 10, contentType: 'image/svg+xml' },
      { sha256: 'b'.repeat(64), size: 60 * 1024 * 1024, contentType: 'image/jpeg' },
      { sha256: 'c'.repeat(64), size: 0, contentType: 'image/jpeg' },
    ];
    const { body } = await api.post('/v1/uploads', { files });
    expect(
      body.results.map((r: { status: string; error?: { code: string } }) => r.error?.code ?? r.status),
    ).toEqual(['upload', 'unsupported_format', 'file_too_large', 'file_empty']);
  });

  test.each([
    [
      'a truncated JPEG',
      async () => (await makePhoto(7)).bytes.subarray(0, 2000),
      'image/jpeg',
      'image_truncated',
    ],
    [
      'an HTML page',
      async () => Buffer.from('<!doctype html><script>alert(1)</script>'.repeat(9)),
      'image/jpeg',
      'unsupported_format',
    ],
    [
      'an SVG',
      async () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'.repeat(9)),
      'image/png',
      'unsupported_format',
    ],
    ['a JPEG named PNG', async () => (await makePhoto(8)).bytes, 'image/png', 'content_type_mismatch'],
    [
      'a JPEG with a program behind it',
      async () => Buffer.concat([(await makePhoto(9)).bytes, Buffer.from('\x7fELF'.repeat(99))]),
      'image/jpeg',
      'image_polyglot',
    ],
    ['a PNG that claims to be enormous', async () => pngHead(60_000, 60_000), 'image/png', 'image_too_large'],
  ])('%s is refused before anything decodes it', async (_name, make, contentType, code) => {
    const bytes = await make();
    const digest = sha256(bytes);
    const files = [{ sha256: digest, size: bytes.length, contentType }];
    const ticket = (await api.post('/v1/uploads', { files })).body.results[0];
    expect((await put(ticket, bytes)).status).toBe(200);
    const answer = await api.post('/v1/uploads/finalize', { uploadIds: [ticket.uploadId] });
    expect(answer.body.results[0]).toMatchObject({
      status: 'error',
      error: { code, message: expect.any(String) },
    });
  });
});

/** Signature and header chunk of a PNG, CRC included; no pixels. */
function pngHead(width: number, height: number): Buffer {
  const head = Buffer.alloc(33 + 12);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(head);
  head.writeUInt32BE(13, 8);
  head.write('IHDR', 12, 'latin1');
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  head.set([8, 2, 0, 0, 0], 24);
  head.writeUInt32BE(crc32(head.subarray(12, 29)), 29);
  head.write('IEND', 37, 'latin1');
  head.writeUInt32BE(crc32(head.subarray(37, 41)), 41);
  return head;
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

describe('images', () => {
  test('success: happy path', async () => {
    const originalId = await upload(await makePhoto(20));
    const controller = new AbortController();
    const seen: StreamEvent[] = [];
    const followed = (async () => {
      for await (const event of stager.events({ signal: controller.signal })) {
        seen.push(event);
        if (event.type === 'image.ready') return;
      }
    })();
    await expect.poll(() => seen[0]?.type).toBe('snapshot');
    const created = await api.post('/v1/images', {
      items: [{ originalId, engine: 'finish', name: 'kitchen.jpg' }],
    });
    const image = created.body.results[0].images[0];
    expect(image).toMatchObject({ state: 'queued', engine: 'finish', name: 'kitchen.jpg' });
    await followed;
    controller.abort();
    const steps = seen.flatMap((event) =>
      'imageId' in event && event.imageId === image.id ? [event.type] : [],
    );
    expect(steps.filter((type) => type !== 'image.progress')).toEqual([
      'image.queued',
      'image.processing',
      'image.ready',
    ]);

    const ready = await api.get(`/v1/images/${image.id}`);
    expect(ready.body).toMatchObject({ state: 'ready', attempts: 1, error: null });
    const links = await api.get(`/v1/images/${image.id}/downloads`);
    const names = links.body.items.map((item: { name: string }) => item.name);
    expect(names).toEqual(expect.arrayContaining(['finished', 'thumbnail', 'original']));
    for (const link of links.body.items) {
      const bytes = Buffer.from(await (await fetch(link.url)).arrayBuffer());
      expect(sha256(bytes)).toBe(link.sha256);
      expect(bytes.length).toBe(link.size);
    }
  });

  test('what is downloaded is what the worker wrote', async () => {
    const originalId = await upload(await makePhoto(21));
    const { body } = await api.post('/v1/images', { items: [{ originalId, engine: 'finish' }] });
    const [image] = await stager.images.wait([String(body.results[0].images[0].id)]);
    const links = await api.get(`/v1/images/${image?.id}/downloads`);
    const finished = links.body.items.find((item: { name: string }) => item.name === 'finished');
    const stored = await readStored(stack, finished.url);
    const fetched = Buffer.from(await (await fetch(finished.url)).arrayBuffer());
    expect(fetched.equals(stored)).toBe(true);
  });

  test('the same photo, options and seed give the same bytes', async () => {
    const originalId = await upload(await makePhoto(22));
    const item = { originalId, engine: 'finish', seed: 7 };
    const { body } = await api.post('/v1/images', { items: [item, item] });
    const ids = body.results.map((result: { images: { id: string }[] }) => result.images[0]?.id);
    expect(new Set(ids).size).toBe(2);
    const [a, b] = await stager.images.wait(ids as string[]);
    expect(a?.outputs.length).toBeGreaterThan(0);
    expect(a?.outputs).toEqual(b?.outputs);
  });

  test('with reuse the same work is not done twice, however often and however parallel it is asked for', async () => {
    const originalId = await upload(await makePhoto(23));
    const request = { reuse: true, items: [{ originalId, engine: 'finish' }] };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => api.post('/v1/images', request)));
    const ids = new Set(answers.map((answer) => answer.body.results[0].images[0].id));
    expect(ids.size).toBe(1);
  });

  test('an item that is refused keeps no other from being made', async () => {
    const originalId = await upload(await makePhoto(24));
    const { body } = await api.post('/v1/images', {
      items: [
        { originalId, engine: 'finish' },
        { engine: 'finish', originalId: `org_${'0'.repeat(26)}` },
        { originalId, engine: 'nope' },
        { originalId, engine: 'finish', style: 'scandinavian' },
        { originalId, engine: 'finish', roomType: 'kitchen' },
        { originalId, engine: 'finish', variations: 20 },
      ],
    });
    const [first, ...others] = body.results;
    expect(first.status).toBe('ok');
    expect(others.map((result: { status: string }) => result.status)).toEqual(Array(5).fill('error'));
    expect(others[2].error.message).toMatch(/finish.*style/i);
  });

  test('cancel, retry and delete do what their names say, and nothing where it makes no sense', async () => {
    const originalId = await upload(await makePhoto(25));
    const { body } = await api.post('/v1/images', { items: [{ originalId, engine: 'finish' }] });
    const id = body.results[0].images[0].id;
    await stager.images.wait([id]);
    expect((await api.post(`/v1/images/${id}/cancel`)).body).toMatchObject({ code: 'invalid_state' });
    expect((await api.post(`/v1/images/${id}/retry`)).body).toMatchObject({ code: 'invalid_state' });
    const links = (await api.get(`/v1/images/${id}/downloads`)).body.items;
    expect((await api.delete(`/v1/images/${id}`)).status).toBe(204);
    expect((await api.get(`/v1/images/${id}`)).status).toBe(404);
    expect((await api.delete(`/v1/images/${id}`)).status).toBe(404);
    const output = links.find((link: { name: string }) => link.name === 'finished');
    await expect.poll(async () => (await fetch(output.url)).status).toBe(404);
  });

  test('pages go through all images once, newest first', async () => {
    const originalId = await upload(await makePhoto(26));
    const project = (await api.post('/v1/projects', { name: 'Pages' })).body;
    const items = Array.from({ length: 7 }, (_, seed) => ({ originalId, engine: 'finish', seed }));
    const made = await api.post('/v1/images', { projectId: project.id, items });
    const expected = made.body.results
      .map((result: { images: { id: string }[] }) => result.images[0]?.id)
      .reverse();
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query = new URLSearchParams({ projectId: project.id, limit: '3', ...(cursor ? { cursor } : {}) });
      const page = (await api.get(`/v1/images?${query}`)).body;
      seen.push(...page.items.map((image: { id: string }) => image.id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(expected);
    await stager.images.wait(seen);
    expect((await api.delete(`/v1/projects/${project.id}`)).body).toMatchObject({ code: 'invalid_state' });
  });
});

describe('repeats', () => {
  test('a key is answered once, from store, and refused for another body', async () => {
    const headers = { 'idempotency-key': 'acceptance-1' };
    const first = await api.post('/v1/projects', { name: 'Twice' }, headers);
    const again = await api.post('/v1/projects', { name: 'Twice' }, headers);
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    const other = await api.post('/v1/projects', { name: 'Other' }, headers);
    expect(other.status).toBe(422);
    expect(other.body.code).toBe('idempotency_key_reused');
  });

  test('twins have one effect', async () => {
    const headers = { 'idempotency-key': 'acceptance-2' };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => api.post('/v1/projects', { name: 'Twins' }, headers)),
    );
    for (const answer of answers) expect([201, 409]).toContain(answer.status);
    const ids = new Set(answers.filter((answer) => answer.status === 201).map((answer) => answer.body.id));
    expect(ids.size).toBe(1);
  });

  test('links are made anew for a repeat, the upload stays the same', async () => {
    const photo = await makePhoto(27);
    const headers = { 'idempotency-key': 'acceptance-3' };
    const body = { files: [{ sha256: photo.sha256, size: photo.bytes.length, contentType: 'image/jpeg' }] };
    const first = await api.post('/v1/uploads', body, headers);
    const again = await api.post('/v1/uploads', body, headers);
    expect(again.body.results[0].uploadId).toBe(first.body.results[0].uploadId);
    expect((await put(again.body.results[0], photo.bytes)).status).toBe(200);
  });

  test('a repeat never leads to an upload that is over', async () => {
    const [kept, refused] = [await makePhoto(28), await makePhoto(29)];
    const files = [kept, refused].map((photo) => ({
      sha256: photo.sha256,
      size: photo.bytes.length,
      contentType: photo === refused ? 'image/png' : 'image/jpeg',
    }));
    const headers = { 'idempotency-key': 'acceptance-4' };
    const ask = async () => (await api.post('/v1/uploads', { files }, headers)).body.results;
    const [first, second] = await ask();
    expect((await put(first, kept.bytes)).status).toBe(200);
    expect((await put(second, refused.bytes)).status).toBe(200);
    const settled = await api.post('/v1/uploads/finalize', { uploadIds: [first.uploadId, second.uploadId] });
    expect(settled.body.results.map((result: { status: string }) => result.status)).toEqual([
      'ready',
      'error',
    ]);

    const again = await ask();
    expect(again[0]).toMatchObject({ status: 'exists', original: settled.body.results[0].original });
    expect(again[1].status).toBe('upload');
    expect(again[1].uploadId).not.toBe(second.uploadId);
    expect((await put(again[1], refused.bytes)).status).toBe(200);
    // And what the repeat has answered is what the next repeat goes on from.
    expect((await ask())[1].uploadId).toBe(again[1].uploadId);
  });
});
