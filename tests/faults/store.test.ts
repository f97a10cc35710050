import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createS3Objects, type S3Objects } from '../../server/src/infra/objects/s3/index.ts';
import { createTransport } from '../../server/src/infra/objects/s3/transport.ts';
import { jpegOf } from '../conformance/objectsClient.ts';
import { s3Options } from '../support/minio.ts';

const BODY = jpegOf(200_000);

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test('a link for a PUT is signed with a condition that no copy can meet', async () => {
  const store = createS3Objects(s3Options(1));
  const photo = { size: 3, contentType: 'image/jpeg', sha256: '0'.repeat(64) };
  const expiresAt = new Date(Date.now() + 60_000);
  const put = await store.presignPut({ ref: { bucket: 'uploads', key: 'a' }, ...photo, expiresAt });
  const signed = new URL(put.url).searchParams.get('X-Amz-SignedHeaders')?.split(';');
  expect(signed?.toSorted()).toEqual([...Object.keys(put.headers), 'host'].toSorted());
  expect(put.headers).toMatchObject({ 'x-amz-copy-source-if-match': 'none' });
  store.close();
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

  /** @param idleMs longest silence: only who is to meet one waits for it */
  async function serve(answer: RequestListener, idleMs = 60_000): Promise<S3Objects> {
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

  async function openSockets(): Promise<number> {
    return new Promise((resolve, reject) =>
      server?.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  async function opened(store: S3Objects, signal?: AbortSignal) {
    const body = await store.open(ref, signal);
    if (!body) throw new Error('there is nothing');
    return body;
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
    ['moveExactly', (store) => store.moveExactly(ref, { bucket: 'photos', key: 'c' }, '"e"')],
    ['removeExactly', (store) => store.removeExactly(ref, '"e"')],
    ['listLeftovers', (store) => collect(store.listLeftovers('photos'))],
    ['removeLeftover', (store) => store.removeLeftover({ ...ref, id: 'u', startedAt: new Date(0) })],
    ['list', (store) => collect(store.list('photos'))],
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

  test.each<[string, (store: S3Objects) => Promise<unknown>]>([
    ['read', (store) => store.read(ref)],
    ['readInto', (store) => store.readInto(ref, Buffer.alloc(1000))],
    ['open', async (store) => collect(await opened(store))],
    ['list', (store) => collect(store.list('photos'))],
  ])('%s: silence in the middle of an answer ends it', async (_name, call) => {
    const store = await serve((_, res) => {
      res.writeHead(200, { 'content-length': '1000', etag: '"x"' });
      res.write('<ListBucketResult>'.padEnd(400));
    }, 100);
    // A stream that was handed out ends as the line below it does.
    await expect(call(store)).rejects.toThrow(/aborted|does not answer/);
    await expect.poll(openSockets).toBe(0);
  });

  test.each<[string, (store: S3Objects, signal: AbortSignal) => Promise<unknown>]>([
    ['read', (store, signal) => store.read(ref, signal)],
    ['readInto', (store, signal) => store.readInto(ref, Buffer.alloc(1000), signal)],
    ['open', async (store, signal) => collect(await opened(store, signal))],
  ])('%s: ends with its signal in the middle of an answer', async (_name, call) => {
    const end = new AbortController();
    const store = await serve((_, res) => {
      res.writeHead(200, { 'content-length': '1000', etag: '"x"' });
      res.write(Buffer.alloc(400), () => setTimeout(() => end.abort(new Error('the lease is lost')), 50));
    });
    await expect(call(store, end.signal)).rejects.toThrow();
    await expect.poll(openSockets).toBe(0);
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
    const keys = (await collect(store.list('photos'))).flat().map(({ key }) => key);
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
    ['an entry without a size', () => page(['a']).replace('<Size>1</Size>', '')],
    ['an entry without an etag', () => page(['a']).replace('<ETag>"e"</ETag>', '')],
    ['an entry without a time', () => page(['a']).replace(/<LastModified>.*<.LastModified>/, '')],
    ['a body that is cut', () => page(['a', 'b']).slice(0, -40)],
    ['a page of somebody else', () => '<html>Welcome</html>'],
  ])('%s is an error, not a shorter listing', async (_name, answer) => {
    const store = await serve((req, res) => void res.end(answer(req.url ?? '')));
    await expect(collect(store.list('photos'))).rejects.toMatchObject({
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
