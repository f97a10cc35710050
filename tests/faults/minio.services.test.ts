import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createS3Objects, type S3Objects } from '../../server/src/infra/objects/s3/index.ts';
import { createTransport } from '../../server/src/infra/objects/s3/transport.ts';
import type { ObjectRef, PresignedPut } from '../../server/src/ports/index.ts';
import { jpegOf, putTo } from '../conformance/objectsClient.ts';
import { openBuckets, s3Options } from '../support/minio.ts';
import { type Server, startMinio } from '../support/services.ts';
import { makeTempDir } from '../support/stack.ts';

let folder: string;
let minio: Server;
let objects: S3Objects;
beforeAll(async () => {
  folder = makeTempDir('stager-minio');
  minio = await startMinio(join(folder, 'data'));
  objects = await openBuckets(minio);
});
afterAll(async () => {
  objects.close();
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const BODY = jpegOf(200_000);
const sha256 = (body: Buffer) => createHash('sha256').update(body).digest('hex');
let made = 0;

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function link(lifeMs = 60_000): Promise<{ ref: ObjectRef; put: PresignedPut }> {
  const ref = { bucket: 'uploads', key: `acc_1/upl_${made++}` } as const;
  const expiresAt = new Date(Date.now() + lifeMs);
  const put = await objects.presignPut({
    ref,
    size: BODY.length,
    contentType: 'image/jpeg',
    sha256: sha256(BODY),
    expiresAt,
  });
  return { ref, put };
}

const withHeaders = (put: PresignedPut, change: Record<string, string | undefined>): PresignedPut => ({
  url: put.url,
  headers: Object.fromEntries(
    Object.entries({ ...put.headers, ...change }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  ),
});

describe('a presigned PUT at the store itself', () => {
  test('with what was announced it is taken', async () => {
    const { ref, put } = await link();
    expect((await putTo(put, BODY)).status).toBe(200);
    expect(await objects.read(ref)).toEqual(BODY);
  });

  const other = Buffer.from(BODY);
  other[100_000] = 1;
  const longer = jpegOf(BODY.length + 1000);
  const shorter = BODY.subarray(0, BODY.length - 1000);
  const sum = (body: Buffer) => createHash('sha256').update(body).digest('base64');

  test.each<[string, (put: PresignedPut) => PresignedPut, Buffer, string?]>([
    ['other bytes', (put) => put, other],
    [
      'other bytes with their own checksum',
      (put) => withHeaders(put, { 'x-amz-checksum-sha256': sum(other) }),
      other,
    ],
    ['more bytes, said so', (put) => withHeaders(put, { 'content-length': String(longer.length) }), longer],
    [
      'fewer bytes, said so',
      (put) => withHeaders(put, { 'content-length': String(shorter.length) }),
      shorter,
    ],
    ['another type', (put) => withHeaders(put, { 'content-type': 'text/html' }), BODY],
    ['no type', (put) => withHeaders(put, { 'content-type': undefined }), BODY],
    ['no checksum', (put) => withHeaders(put, { 'x-amz-checksum-sha256': undefined }), other],
    ['no checksum algorithm', (put) => withHeaders(put, { 'x-amz-checksum-algorithm': undefined }), other],
    ['another algorithm', (put) => withHeaders(put, { 'x-amz-checksum-algorithm': 'CRC32' }), other],
    ['a second, unsigned checksum', (put) => withHeaders(put, { 'x-amz-checksum-crc32': 'AAAAAA==' }), other],
    [
      'an unsigned algorithm of the SDK',
      (put) => withHeaders(put, { 'x-amz-sdk-checksum-algorithm': 'CRC32' }),
      other,
    ],
    [
      'an unsigned digest of the payload',
      (put) => withHeaders(put, { 'x-amz-content-sha256': sha256(other) }),
      other,
    ],
    ['metadata of its own', (put) => withHeaders(put, { 'x-amz-meta-a': 'b' }), other],
    [
      'an unsigned MD5',
      (put) => withHeaders(put, { 'content-md5': createHash('md5').update(other).digest('base64') }),
      other,
    ],
    ['another key', (put) => ({ ...put, url: put.url.replace(/upl_\d+/, 'upl_other') }), BODY],
    ['another bucket', (put) => ({ ...put, url: put.url.replace('stager-uploads', 'stager-photos') }), BODY],
    [
      'an altered signature',
      (put) => ({ ...put, url: put.url.slice(0, -1) + (put.url.endsWith('0') ? '1' : '0') }),
      BODY,
    ],
    [
      'a longer life',
      (put) => ({ ...put, url: put.url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=600000') }),
      BODY,
    ],
    ['another method', (put) => put, BODY, 'POST'],
    [
      'a chunked body',
      (put) => withHeaders(put, { 'content-length': undefined, 'transfer-encoding': 'chunked' }),
      BODY,
    ],
  ])('%s: refused, and nothing is there', async (_name, change, body, method) => {
    const { ref, put } = await link();
    const answer = await putTo(change(put), body, method ?? 'PUT');
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await objects.stat(ref)).toBeUndefined();
    expect(await objects.stat({ ...ref, key: ref.key.replace(/upl_\d+/, 'upl_other') })).toBeUndefined();
  });

  test('one that has ended is refused', async () => {
    const { ref, put } = await link(-1);
    expect((await putTo(put, BODY)).status).toBe(403);
    expect(await objects.stat(ref)).toBeUndefined();
  });

  test('cut in the middle it leaves nothing', async () => {
    const { ref, put } = await link();
    const url = new URL(put.url);
    const head = Object.entries({ host: url.host, ...put.headers }).map(
      ([name, value]) => `${name}: ${value}\r\n`,
    );
    await new Promise<void>((done) => {
      const socket = connect(Number(url.port), url.hostname, () => {
        socket.write(`PUT ${url.pathname}${url.search} HTTP/1.1\r\n${head.join('')}\r\n`);
        socket.write(BODY.subarray(0, 50_000), () => socket.destroy());
      });
      socket.on('close', () => done());
    });
    expect(await objects.stat(ref)).toBeUndefined();
  });

  test('used again behind the move, it brings the same bytes to the same place, and what was kept stays', async () => {
    const { ref, put } = await link();
    const kept = { bucket: 'photos', key: `originals/acc_1/${ref.key.slice(6)}` } as const;
    expect((await putTo(put, BODY)).status).toBe(200);
    expect(await objects.move(ref, kept, 'image/jpeg')).toBe(true);
    expect((await putTo(put, other)).status).toBe(400);
    expect((await putTo(put, BODY)).status).toBe(200);
    expect(await objects.read(kept)).toEqual(BODY);
    await objects.remove(ref);
    expect(await objects.read(kept)).toEqual(BODY);
  });
});

describe('a store that misbehaves', () => {
  let server: HttpServer | undefined;
  let broken: S3Objects | undefined;
  afterEach(async () => {
    broken?.close();
    server?.closeAllConnections();
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
    server = undefined;
  });

  async function serve(answer: RequestListener, idleMs = 300): Promise<S3Objects> {
    const made = createServer(answer);
    server = made;
    await new Promise<void>((done) => made.listen(0, '127.0.0.1', done));
    const address = made.address();
    broken = createS3Objects({
      ...s3Options(typeof address === 'object' ? (address?.port ?? 0) : 0),
      idleMs,
    });
    return broken;
  }

  const ref = { bucket: 'photos', key: 'a/b' } as const;
  const calls: [string, (store: S3Objects, signal?: AbortSignal) => Promise<unknown>][] = [
    ['stat', (store, signal) => store.stat(ref, signal)],
    ['read', (store, signal) => store.read(ref, signal)],
    ['readInto', (store, signal) => store.readInto(ref, Buffer.alloc(10), signal)],
    ['open', (store, signal) => store.open(ref, signal)],
    ['write', (store, signal) => store.write(ref, BODY, 'image/jpeg', signal)],
    ['move', (store) => store.move(ref, { bucket: 'photos', key: 'c' }, 'image/jpeg')],
    ['remove', (store) => store.remove(ref)],
    ['list', (store) => collect(store.list('photos', ''))],
    ['check', (store, signal) => store.check(signal)],
  ];

  test.each(calls)('%s: silence is unreachable, not an endless wait', async (_name, call) => {
    const store = await serve(() => undefined, 100);
    await expect(call(store)).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'unreachable' });
  });

  test.each(calls)('%s: nobody there is unreachable', async (_name, call) => {
    const store = await serve(() => undefined);
    server?.close();
    await expect(call(store)).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'unreachable' });
  });

  test.each(calls)('%s: 503 is unreachable, tried again, and holds no connection', async (_name, call) => {
    let asked = 0;
    const store = await serve((_, res) => {
      asked += 1;
      res.writeHead(503).end('x'.repeat(1_000_000));
    });
    await expect(call(store)).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'unreachable' });
    expect(asked).toBe(_name === 'check' ? 1 : 3);
  });

  test.each(calls)('%s: 403 is denied, and not tried again', async (_name, call) => {
    let asked = 0;
    const store = await serve((_, res) => {
      asked += 1;
      res.writeHead(403).end();
    });
    await expect(call(store)).rejects.toMatchObject({ name: 'ObjectStoreError', code: 'denied' });
    expect(asked).toBe(1);
  });

  test.each(calls.filter(([, call]) => call.length > 1))('%s: ends with its signal', async (_name, call) => {
    const store = await serve(() => undefined, 60_000);
    const end = new AbortController();
    const reason = new Error('the lease is lost');
    const called = call(store, end.signal);
    queueMicrotask(() => end.abort(reason));
    await expect(called).rejects.toBe(reason);
  });

  test('a body that is cut is not taken for the object', async () => {
    const store = await serve((_, res) => {
      res.writeHead(200, { 'content-length': '1000', etag: '"x"' });
      res.write(Buffer.alloc(400), () => res.destroy());
    });
    await expect(store.read(ref)).rejects.toMatchObject({ code: 'unreachable' });
    await expect(store.readInto(ref, Buffer.alloc(1000))).rejects.toMatchObject({ code: 'unreachable' });
  });

  test('one that is full says so', async () => {
    const store = await serve((_, res) => {
      res.writeHead(507, { 'content-type': 'application/xml' });
      res.end(
        '<Error><Code>XMinioStorageFull</Code><Message>Storage backend has reached its limit.</Message></Error>',
      );
    });
    await expect(store.write(ref, BODY, 'image/jpeg')).rejects.toMatchObject({ code: 'full' });
  });

  const page = (keys: string[], token?: string) =>
    `<ListBucketResult><Name>b</Name><IsTruncated>${token !== undefined}</IsTruncated>` +
    (token === undefined ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`) +
    keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><LastModified>2030-01-01T00:00:00.000Z</LastModified><ETag>"e"</ETag><Size>1</Size></Contents>`,
      )
      .join('') +
    '</ListBucketResult>';

  test('a page of a listing that fails is asked for again, without loss or repeat', async () => {
    let asked = 0;
    const store = await serve((req, res) => {
      asked += 1;
      if (asked % 2 === 1) return void res.writeHead(500).end();
      res.end(req.url?.includes('continuation-token=t1') ? page(['c', 'd']) : page(['a', 'b'], 't1'));
    });
    const keys = (await collect(store.list('photos', ''))).map(({ key }) => key);
    expect(keys).toEqual(['a', 'b', 'c', 'd']);
    expect(asked).toBe(4);
  });

  test.each([
    [
      'a page that comes twice',
      (url: string) => (url.includes('t1') ? page(['a', 'b']) : page(['a', 'b'], 't1')),
    ],
    ['keys out of order', () => page(['b', 'a'])],
    ['the same token again', (url: string) => (url.includes('t1') ? page(['c'], 't1') : page(['a'], 't1'))],
    ['a cut without a token', () => page(['a'], '')],
  ])('%s is an error, not a shorter listing', async (_name, answer) => {
    const store = await serve((req, res) => void res.end(answer(req.url ?? '')));
    await expect(collect(store.list('photos', ''))).rejects.toMatchObject({
      name: 'ObjectStoreError',
      code: 'failed',
    });
  });

  test('a transport that is closed holds nothing', () => {
    const transport = createTransport(false, 1000);
    transport.close();
    expect(Object.keys(transport.agent.sockets)).toEqual([]);
  });
});
