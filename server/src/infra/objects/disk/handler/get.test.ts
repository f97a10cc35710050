import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ref, send, startTestStore, type TestStore } from '../testing.ts';

const BODY = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('0123456789')]);
const PHOTO = ref('photos', 'outputs/acc_1/x.jpg');

let store: TestStore;
let url: string;
beforeAll(async () => {
  store = await startTestStore();
  await store.objects.write(PHOTO, BODY, 'image/jpeg');
  url = await store.objects.presignGet({ ref: PHOTO, expiresAt: soon() });
});
afterAll(() => store.close());

function soon(): Date {
  return new Date(Date.now() + 60_000);
}

describe('a signed GET', () => {
  test('answers with the object, and headers that keep a browser from running it', async () => {
    const answer = await send({ url });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(BODY);
    expect(answer.headers).toMatchObject({
      'content-type': 'image/jpeg',
      'content-length': String(BODY.length),
      'content-disposition': 'attachment',
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-cache',
      'accept-ranges': 'bytes',
      etag: (await store.objects.stat(PHOTO))?.etag,
    });
  });

  test('saves under the signed name and type, and under no other', async () => {
    const named = await store.objects.presignGet({
      ref: PHOTO,
      expiresAt: soon(),
      fileName: 'living "room"\r\n.jpg',
      contentType: 'image/png',
    });
    const { headers } = await send({ url: named });
    expect(headers['content-type']).toBe('image/png');
    expect(headers['content-disposition']).toBe(
      'attachment; filename="living _room___.jpg"; filename*=UTF-8\'\'living%20%22room%22%0D%0A.jpg',
    );
    expect((await send({ url: named.replace('living', 'dining') })).status).toBe(403);
    expect((await send({ url: named.replace('image%2Fpng', 'text%2Fhtml') })).status).toBe(403);
    expect((await send({ url: `${url}&type=text/html` })).status).toBe(403);
  });

  test('HEAD answers with the headers alone', async () => {
    const answer = await send({ url, method: 'HEAD' });
    expect([answer.status, answer.headers['content-length'], answer.body.length]).toEqual([200, '13', 0]);
  });

  test.each([
    ['bytes=3-', 206, '0123456789', 'bytes 3-12/13'],
    ['bytes=3-4', 206, '01', 'bytes 3-4/13'],
    ['bytes=-2', 206, '89', 'bytes 11-12/13'],
    ['bytes=12-99', 206, '9', 'bytes 12-12/13'],
    ['bytes=13-', 416, null, 'bytes */13'],
    ['bytes=-0', 416, null, 'bytes */13'],
    ['bytes=0-1,3-4', 200, null, undefined],
    ['pages=1-2', 200, null, undefined],
  ])('Range: %s', async (range, status, body, contentRange) => {
    const answer = await send({ url, headers: { range } });
    expect(answer.status).toBe(status);
    expect(answer.headers['content-range']).toBe(contentRange);
    if (body !== null) expect(answer.body.toString()).toBe(body);
  });

  test('resumes only what is still the same object', async () => {
    const etag = String((await send({ url })).headers.etag);
    const ask = (ifRange: string) => send({ url, headers: { range: 'bytes=3-', 'if-range': ifRange } });
    expect((await ask(etag)).status).toBe(206);
    expect((await ask('"other"')).status).toBe(200);
  });

  test('says 304 to who has it', async () => {
    const etag = String((await send({ url })).headers.etag);
    const ask = async (tags: string) => (await send({ url, headers: { 'if-none-match': tags } })).status;
    expect(await ask(etag)).toBe(304);
    expect(await ask(`"a", W/${etag}`)).toBe(304);
    expect(await ask('*')).toBe(304);
    expect(await ask('"a"')).toBe(200);
  });

  test('a missing object is 404 to who may ask, 403 to who may not', async () => {
    const missing = await store.objects.presignGet({ ref: ref('photos', 'none'), expiresAt: soon() });
    const answer = await send({ url: missing });
    expect([answer.status, answer.code]).toEqual([404, 'not_found']);
    expect((await send({ url: missing.replace('none', 'any') })).code).toBe('signature_invalid');
    const head = await send({ url: missing, method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([404, 0]);
  });

  test('an upload link reads nothing', async () => {
    const upload = await store.presign(BODY, PHOTO);
    expect((await send({ url: upload.url, headers: upload.headers })).code).toBe('signature_invalid');
  });

  test('a client that leaves is not an error of ours', async () => {
    const big = ref('photos', 'big');
    await store.objects.write(big, Buffer.alloc(20_000_000), 'image/jpeg');
    const target = new URL(await store.objects.presignGet({ ref: big, expiresAt: soon() }));
    await new Promise<void>((done, failed) => {
      const socket = connect(store.port, '127.0.0.1');
      socket.write(`GET ${target.pathname}${target.search} HTTP/1.1\r\nhost: x\r\n\r\n`);
      socket.once('data', () => socket.destroy());
      socket.once('error', failed);
      socket.once('close', () => done());
    });
    expect((await send({ url })).status).toBe(200);
    expect(store.errors).toEqual([]);
  });
});

test('a store whose folder is gone is our fault, and logged', async () => {
  const broken = await startTestStore();
  const body = Buffer.from('x');
  const { url: put, headers } = await broken.presign(body);
  await rm(broken.root, { recursive: true });
  const answer = await send({ method: 'PUT', url: put, headers, body });
  expect([answer.status, answer.code]).toEqual([500, 'internal']);
  expect(answer.body.toString()).not.toContain(broken.root);
  expect(broken.errors).toHaveLength(1);
  await expect(broken.objects.check()).rejects.toMatchObject({ name: 'ObjectStoreError' });
  await expect(broken.objects.write(ref('photos', 'x'), body, 'image/jpeg')).rejects.toMatchObject({
    name: 'ObjectStoreError',
  });
  await mkdir(broken.root);
  await broken.close();
});
