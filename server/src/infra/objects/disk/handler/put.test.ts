import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { keysOf } from '../../../../../../tests/support/keys.ts';
import { createDiskObjects } from '../index.ts';
import { ref, SECRET, type Sending, send, startTestStore, type TestStore } from '../testing.ts';

const BODY = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(100_000, 7)]);
const UPLOAD = ref('uploads', 'acc_1/upl_1');

let store: TestStore;
beforeAll(async () => {
  store = await startTestStore();
});
afterAll(() => store.close());

/** A good request, to be spoilt. */
async function good(): Promise<Required<Sending>> {
  const { url, headers } = await store.presign(BODY);
  return { method: 'PUT', url, headers, body: BODY };
}

async function visible(): Promise<string[]> {
  return [...(await keysOf(store.objects, 'uploads')), ...(await keysOf(store.objects, 'photos'))];
}

function changed(body: Buffer): Buffer {
  const other = Buffer.from(body);
  other[body.length - 1] = 8;
  return other;
}

function without(headers: Readonly<Record<string, string>>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => key !== name));
}

type Attack = readonly [
  name: string,
  spoil: (request: Required<Sending>) => Sending | Promise<Sending>,
  status: number,
  code: string,
];

const ATTACKS: readonly Attack[] = [
  ['other bytes of the same length', (r) => ({ ...r, body: changed(BODY) }), 400, 'checksum_mismatch'],
  [
    'a longer body, honestly declared',
    (r) => ({
      ...r,
      body: Buffer.concat([BODY, BODY]),
      headers: { ...r.headers, 'content-length': String(2 * BODY.length) },
    }),
    403,
    'signature_invalid',
  ],
  [
    'a shorter body, honestly declared',
    (r) => ({ ...r, body: BODY.subarray(0, 10), headers: { ...r.headers, 'content-length': '10' } }),
    403,
    'signature_invalid',
  ],
  [
    'another checksum with bytes that fit it',
    async (r) => ({ ...r, body: changed(BODY), headers: (await store.presign(changed(BODY))).headers }),
    403,
    'signature_invalid',
  ],
  ['another signature', (r) => ({ ...r, url: flip(r.url, 'sig') }), 403, 'signature_invalid'],
  ['a cut signature', (r) => ({ ...r, url: r.url.slice(0, -1) }), 403, 'signature_invalid'],
  ['no signature', (r) => ({ ...r, url: r.url.replace(/&sig=.*/, '') }), 403, 'signature_invalid'],
  ['no query', (r) => ({ ...r, url: r.url.replace(/\?.*/, '') }), 403, 'signature_invalid'],
  ['another key id', (r) => ({ ...r, url: flip(r.url, 'kid') }), 403, 'signature_invalid'],
  [
    'a later expiry',
    (r) => ({ ...r, url: r.url.replace(/exp=(\d+)/, (_, exp) => `exp=${Number(exp) + 60}`) }),
    403,
    'signature_invalid',
  ],
  [
    'an expiry that is no number',
    (r) => ({ ...r, url: r.url.replace(/exp=\d+/, 'exp=1e12') }),
    403,
    'signature_invalid',
  ],
  ['an expiry twice', (r) => ({ ...r, url: `${r.url}&exp=9999999999` }), 403, 'signature_invalid'],
  ['an added parameter', (r) => ({ ...r, url: `${r.url}&x=1` }), 403, 'signature_invalid'],
  ['the name of a download', (r) => ({ ...r, url: `${r.url}&name=a` }), 403, 'signature_invalid'],
  ['another key', (r) => ({ ...r, url: r.url.replace('upl_1', 'upl_2') }), 403, 'signature_invalid'],
  ['another account', (r) => ({ ...r, url: r.url.replace('acc_1', 'acc_2') }), 403, 'signature_invalid'],
  [
    'another bucket',
    (r) => ({ ...r, url: r.url.replace('/uploads/', '/photos/') }),
    403,
    'signature_invalid',
  ],
  [
    'a bucket that is none',
    (r) => ({ ...r, url: r.url.replace('/uploads/', '/.tmp/') }),
    403,
    'signature_invalid',
  ],
  [
    'a key that climbs',
    (r) => ({ ...r, url: r.url.replace('acc_1/', '../photos/') }),
    403,
    'signature_invalid',
  ],
  [
    'a key that climbs in disguise',
    (r) => ({ ...r, url: r.url.replace('acc_1/', '..%2fphotos%2f') }),
    403,
    'signature_invalid',
  ],
  ['a key with a NUL', (r) => ({ ...r, url: r.url.replace('upl_1', 'upl_1%00') }), 403, 'signature_invalid'],
  [
    'a key with a double slash',
    (r) => ({ ...r, url: r.url.replace('acc_1/', 'acc_1//') }),
    403,
    'signature_invalid',
  ],
  [
    'a download link used for an upload',
    async (r) => ({ ...r, url: await store.objects.presignGet({ ref: UPLOAD, expiresAt: soon() }) }),
    403,
    'signature_invalid',
  ],
  [
    'another type',
    (r) => ({ ...r, headers: { ...r.headers, 'content-type': 'text/html' } }),
    403,
    'signature_invalid',
  ],
  [
    'a type with a parameter',
    (r) => ({ ...r, headers: { ...r.headers, 'content-type': 'image/jpeg; x=1' } }),
    403,
    'signature_invalid',
  ],
  [
    'another checksum algorithm',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-checksum-algorithm': 'CRC32' } }),
    403,
    'signature_invalid',
  ],
  [
    'an added checksum that is not signed',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-checksum-crc32': 'AAAAAA==' } }),
    403,
    'header_unsigned',
  ],
  [
    'an added header of the store',
    (r) => ({ ...r, headers: { ...r.headers, 'x-amz-meta-a': 'b' } }),
    403,
    'header_unsigned',
  ],
  ['no type', (r) => ({ ...r, headers: without(r.headers, 'content-type') }), 400, 'header_missing'],
  [
    'no checksum',
    (r) => ({ ...r, headers: without(r.headers, 'x-amz-checksum-sha256') }),
    400,
    'header_missing',
  ],
  [
    'no algorithm',
    (r) => ({ ...r, headers: without(r.headers, 'x-amz-checksum-algorithm') }),
    400,
    'header_missing',
  ],
  [
    'a chunked body',
    (r) => ({ ...r, headers: { ...without(r.headers, 'content-length'), 'transfer-encoding': 'chunked' } }),
    411,
    'length_required',
  ],
  ['POST', (r) => ({ ...r, method: 'POST' }), 405, 'method_not_allowed'],
  ['DELETE', (r) => ({ ...r, method: 'DELETE' }), 405, 'method_not_allowed'],
  ['GET', (r) => ({ ...r, method: 'GET' }), 403, 'signature_invalid'],
];

function soon(): Date {
  return new Date(Date.now() + 60_000);
}

/** Changes one character of a parameter. */
function flip(url: string, name: string): string {
  return url.replace(new RegExp(`${name}=(.)`), (_, first) => `${name}=${first === 'a' ? 'b' : 'a'}`);
}

describe('a signed PUT', () => {
  test('is taken, seen, and may be repeated', async () => {
    const request = await good();
    const first = await send(request);
    expect(first.status).toBe(200);
    expect(first.headers.etag).toBe((await store.objects.stat(UPLOAD))?.etag);
    expect((await send(request)).status).toBe(200);
    expect(await store.objects.read(UPLOAD)).toEqual(BODY);
    await store.objects.remove(UPLOAD);
  });

  test('may be empty', async () => {
    const { url, headers } = await store.presign(Buffer.alloc(0));
    expect((await send({ method: 'PUT', url, headers, body: Buffer.alloc(0) })).status).toBe(200);
    expect((await store.objects.stat(UPLOAD))?.size).toBe(0);
    await store.objects.remove(UPLOAD);
  });

  test.each(ATTACKS)('refused: %s', async (_, spoil, status, code) => {
    const answer = await send(await spoil(await good()));
    expect([answer.status, answer.code]).toEqual([status, code]);
    expect(await visible()).toEqual([]);
    expect(await store.drafts()).toEqual([]);
  });

  test('refused: expired', async () => {
    const request = await good();
    store.ahead = 61_000;
    const answer = await send(request);
    store.ahead = 0;
    expect([answer.status, answer.code]).toEqual([403, 'url_expired']);
    expect(await visible()).toEqual([]);
  });

  test('an expired link with a wrong signature is only wrong', async () => {
    const request = await good();
    store.ahead = 61_000;
    const answer = await send({ ...request, url: flip(request.url, 'sig') });
    store.ahead = 0;
    expect(answer.code).toBe('signature_invalid');
  });

  test('a huge refused body does not keep the client waiting, and the answer comes through', async () => {
    const { url, headers } = await good();
    const body = Buffer.alloc(30_000_000);
    const answer = await send({
      method: 'PUT',
      url,
      headers: { ...headers, 'content-length': String(body.length) },
      body,
    });
    expect(answer.code).toBe('signature_invalid');
    expect(answer.headers.connection).toBe('close');
  });
});

describe('an upload that breaks off', () => {
  test('leaves nothing', async () => {
    const socket = await openUpload(await good());
    socket.write(BODY.subarray(0, 50_000));
    await vi.waitFor(async () => expect(await store.drafts()).toHaveLength(1));
    socket.destroy();
    await once(socket, 'close');
    await vi.waitFor(async () => expect(await store.drafts()).toEqual([]));
    expect(await visible()).toEqual([]);
    expect(store.errors).toEqual([]);
  });

  test('surplus bytes behind the declared length are never part of the object', async () => {
    const socket = await openUpload(await good());
    socket.end(Buffer.concat([BODY, Buffer.from('surplus')]));
    socket.resume();
    await once(socket, 'close');
    await vi.waitFor(async () => expect(await store.drafts()).toEqual([]));
    const stored = await store.objects.read(UPLOAD);
    expect(stored ?? BODY).toEqual(BODY);
    await store.objects.remove(UPLOAD);
  });
});

/** A connection on which the head of a PUT was sent. */
async function openUpload({ url, headers }: Required<Sending>): Promise<Socket> {
  const { pathname, search } = new URL(url);
  const socket = connect(store.port, '127.0.0.1');
  const lines = Object.entries({ host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`PUT ${pathname}${search} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

describe('secrets', () => {
  test('the first signs, all verify, others do not', async () => {
    const rotated = await startTestStore(['the-new-secret-00001', SECRET]);
    try {
      const sign = (secrets: string[]) =>
        createDiskObjects({ root: rotated.root, publicUrl: `http://127.0.0.1:${rotated.port}`, secrets });
      await rotated.objects.write(ref('photos', 'a'), BODY, 'image/jpeg');
      const status = async (secrets: string[]) =>
        (await send({ url: await sign(secrets).presignGet({ ref: ref('photos', 'a'), expiresAt: soon() }) }))
          .status;
      expect(await status([SECRET])).toBe(200);
      expect(await status(['the-new-secret-00001'])).toBe(200);
      expect(await status(['an-unknown-secret-01'])).toBe(403);
      expect(() => sign([])).toThrow('at least one secret');
    } finally {
      await rotated.close();
    }
  });
});

test('other paths are left to the API', async () => {
  expect((await send({ url: `http://127.0.0.1:${store.port}/v1/me` })).status).toBe(418);
  expect((await send({ url: `http://127.0.0.1:${store.port}/objects` })).status).toBe(418);
});
