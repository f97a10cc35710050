import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { S3Objects } from '../../server/src/infra/objects/s3/index.ts';
import type { ObjectRef, PresignedPut } from '../../server/src/ports/index.ts';
import { jpegOf, type PutAnswer, putTo } from '../conformance/objectsClient.ts';
import { openBuckets } from '../support/minio.ts';
import { type Server, startMinio } from '../support/services.ts';
import { makeTempDir } from '../support/tempDir.ts';

/* What somebody can try who holds a link for a PUT, at the store itself: nothing of ours is asked on the way. */

let folder: string;
let minio: Server;
let objects: S3Objects;
beforeAll(async () => {
  folder = makeTempDir('stager-presigned');
  minio = await startMinio(join(folder, 'data'));
  objects = await openBuckets(minio);
  await objects.write(FOREIGN, Buffer.from('the photo of another account'), 'image/jpeg');
});
afterAll(async () => {
  objects.close();
  await minio.stop();
  rmSync(folder, { recursive: true, force: true });
});

const FOREIGN = { bucket: 'photos', key: 'originals/acc_2/photo' } as const;
const BODY = jpegOf(200_000);
const OTHER = Buffer.from(BODY);
OTHER[100_000] = 1;
const LONGER = jpegOf(BODY.length + 1000);
const SHORTER = BODY.subarray(0, BODY.length - 1000);
const hashOf = (body: Buffer, encoding: 'hex' | 'base64' = 'base64') =>
  createHash('sha256').update(body).digest(encoding);
const md5Of = (body: Buffer | string) => createHash('md5').update(body).digest('base64');
let made = 0;

async function link(lifeMs = 60_000): Promise<{ ref: ObjectRef; put: PresignedPut }> {
  const ref = { bucket: 'uploads', key: `acc_1/upl_${made++}` } as const;
  const expiresAt = new Date(Date.now() + lifeMs);
  const photo = { size: BODY.length, contentType: 'image/jpeg', sha256: hashOf(BODY, 'hex') };
  return { ref, put: await objects.presignPut({ ref, ...photo, expiresAt }) };
}

type Change = (put: PresignedPut) => PresignedPut;

/** Undefined takes a header away. */
function headers(change: Record<string, string | string[] | undefined>): Change {
  return ({ url, headers: given }) => {
    const all = Object.entries({ ...given, ...change });
    // A list is a header that is sent more than once, which the types of a link do not know.
    return { url, headers: Object.fromEntries(all.filter(([, value]) => value !== undefined)) as never };
  };
}

const query =
  (more: string): Change =>
  (put) => ({ ...put, url: `${put.url}&${more}` });
const edited =
  (edit: (url: string) => string): Change =>
  (put) => ({ ...put, url: edit(put.url) });

function expectRefused(answer: PutAnswer): void {
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
}

test('with what was announced it is taken', async () => {
  const { ref, put } = await link();
  expect((await putTo(put, BODY)).status).toBe(200);
  expect(await objects.read(ref)).toEqual(BODY);
});

describe('refused, and nothing is there', () => {
  test.each<[string, Change, Buffer, string?]>([
    ['other bytes', headers({}), OTHER],
    ['other bytes with their own checksum', headers({ 'x-amz-checksum-sha256': hashOf(OTHER) }), OTHER],
    ['more bytes, said so', headers({ 'content-length': String(LONGER.length) }), LONGER],
    ['fewer bytes, said so', headers({ 'content-length': String(SHORTER.length) }), SHORTER],
    ['another type', headers({ 'content-type': 'text/html' }), BODY],
    ['no type', headers({ 'content-type': undefined }), BODY],
    ['two types', headers({ 'content-type': ['image/jpeg', 'text/html'] }), BODY],
    ['no checksum', headers({ 'x-amz-checksum-sha256': undefined }), BODY],
    ['two checksums', headers({ 'x-amz-checksum-sha256': [hashOf(OTHER), hashOf(BODY)] }), OTHER],
    ['no checksum algorithm', headers({ 'x-amz-checksum-algorithm': undefined }), BODY],
    ['another algorithm', headers({ 'x-amz-checksum-algorithm': 'CRC32' }), BODY],
    ['a digest of the payload', headers({ 'x-amz-content-sha256': hashOf(OTHER, 'hex') }), OTHER],
    ['a checksum behind the body', headers({ 'x-amz-trailer': 'x-amz-checksum-crc32' }), OTHER],
    [
      'a body in signed chunks, with a checksum behind it',
      headers({
        'content-encoding': 'aws-chunked',
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'x-amz-decoded-content-length': String(OTHER.length),
        'x-amz-trailer': 'x-amz-checksum-crc32',
      }),
      OTHER,
    ],
    ['a body in chunks', headers({ 'content-length': undefined, 'transfer-encoding': 'chunked' }), BODY],
    ['metadata of its own', headers({ 'x-amz-meta-a': 'b' }), BODY],
    ['a lock on the object', headers({ 'x-amz-object-lock-legal-hold': 'ON' }), BODY],
    ['another host', headers({ host: 'store.example' }), BODY],
    ['another key', edited((url) => url.replace(/upl_\d+/, 'upl_other')), BODY],
    ['a key above its own', edited((url) => url.replace(/acc_1\/upl_\d+/, 'acc_1/../acc_2/upl_other')), BODY],
    ['another bucket', edited((url) => url.replace('stager-uploads', 'stager-photos')), BODY],
    ['a longer life', edited((url) => url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=600000')), BODY],
    ['another day', edited((url) => url.replace(/X-Amz-Date=\d{8}/, 'X-Amz-Date=20400101')), BODY],
    [
      'fewer signed headers',
      edited((url) => url.replace(/X-Amz-SignedHeaders=[^&]+/, 'X-Amz-SignedHeaders=host')),
      OTHER,
    ],
    ['an altered signature', edited((url) => url.slice(0, -1) + (url.endsWith('0') ? '1' : '0')), BODY],
    ['no signature', edited((url) => url.replace(/&X-Amz-Signature=.*/, '')), BODY],
    ['one parameter more', query('x=1'), BODY],
    ['a checksum as a parameter', query('x-amz-checksum-crc32=AAAAAA%3D%3D'), BODY],
    ['a part of a larger upload', query('uploadId=x&partNumber=1'), BODY],
    ['the rights of the object', query('acl'), BODY],
    ['its tags', query('tagging'), BODY],
    ['a version', query('versionId=null'), BODY],
    ['a token of somebody', query('X-Amz-Security-Token=x'), BODY],
    ['POST', headers({}), BODY, 'POST'],
  ])('%s', async (_name, change, body, method) => {
    const { ref, put } = await link();
    expectRefused(await putTo(change(put), body, method ?? 'PUT'));
    expect(await objects.stat(ref)).toBeUndefined();
    expect(await objects.stat({ ...ref, key: ref.key.replace(/upl_\d+/, 'upl_other') })).toBeUndefined();
    expect(await objects.stat({ ...ref, key: 'acc_2/upl_other' })).toBeUndefined();
  });

  const copy = { 'x-amz-copy-source': '/stager-photos/originals/acc_2/photo' };
  test.each<[string, Record<string, string>]>([
    ['as it is', copy],
    ['without a slash', { 'x-amz-copy-source': 'stager-photos/originals/acc_2/photo' }],
    ['encoded', { 'x-amz-copy-source': encodeURIComponent('stager-photos/originals/acc_2/photo') }],
    [
      'on a condition that holds',
      { ...copy, 'x-amz-copy-source-if-unmodified-since': new Date(2e12).toUTCString() },
    ],
    ['with its headers', { ...copy, 'x-amz-metadata-directive': 'REPLACE' }],
    ['on no condition', { ...copy, 'x-amz-copy-source-if-match': '' }],
  ])('a copy of the photo of another account, %s', async (_name, more) => {
    const { ref, put } = await link();
    expectRefused(await putTo(headers(more)(put), BODY));
    expectRefused(await putTo(headers({ ...more, 'content-length': '0' })(put), Buffer.alloc(0)));
    expect(await objects.stat(ref)).toBeUndefined();
  });

  test.each(['GET', 'HEAD', 'DELETE'])('%s, of what the link has brought', async (method) => {
    const { ref, put } = await link();
    expect((await putTo(put, BODY)).status).toBe(200);
    const answer = await putTo(headers({ 'content-length': '0' })(put), Buffer.alloc(0), method);
    expectRefused(answer);
    expect(await objects.read(ref)).toEqual(BODY);
  });

  test.each([headers({}), query('X-Amz-Expires=600000')])('one that has ended', async (change) => {
    const { ref, put } = await link(-1);
    expect((await putTo(change(put), BODY)).status).toBe(403);
    expect(await objects.stat(ref)).toBeUndefined();
  });

  test('one that is cut in the middle', async () => {
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
});

describe('harmless: whatever is added, other bytes never get in, and nothing of it goes on to the photo', () => {
  test.each<[string, Change]>([
    ['an algorithm of the SDK', headers({ 'x-amz-sdk-checksum-algorithm': 'CRC32' })],
    ['a second checksum', headers({ 'x-amz-checksum-crc32': 'AAAAAA==' })],
    ['a checksum of another kind', headers({ 'x-amz-checksum-crc64nvme': 'AAAAAAAAAAA=' })],
    ['a kind of checksum', headers({ 'x-amz-checksum-type': 'COMPOSITE' })],
    ['a payload that is said to be unsigned', headers({ 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' })],
    ['an MD5', headers({ 'content-md5': md5Of(OTHER) })],
    ['an encoding', headers({ 'content-encoding': 'gzip' })],
    ['an encoding of chunks', headers({ 'content-encoding': 'aws-chunked' })],
    [
      'words for a browser',
      headers({ 'cache-control': 'max-age=9', 'content-disposition': 'inline', 'content-language': 'xx' }),
    ],
    ['another address', headers({ 'x-amz-website-redirect-location': 'http://store.example/' })],
    ['everybody may read', headers({ 'x-amz-acl': 'public-read' })],
    ['tags', headers({ 'x-amz-tagging': 'a=b' })],
    ['another place', headers({ 'x-amz-storage-class': 'REDUCED_REDUNDANCY' })],
    ['a key of its own', headers(keyOfItsOwn())],
    [
      'the time of a replica',
      headers({
        'x-minio-source-mtime': '2001-01-01T00:00:00Z',
        'x-minio-source-replication-request': 'true',
      }),
    ],
    ['a login besides', headers({ authorization: 'AWS stranger:signature' })],
    ['a host behind the host', headers({ 'x-forwarded-host': 'store.example' })],
    ['a condition', headers({ 'if-none-match': '*' })],
    ['a life for the second time', query('X-Amz-Expires=600000')],
    ['signed headers for the second time', query('X-Amz-SignedHeaders=host')],
  ])('%s', async (_name, change) => {
    const { ref, put } = await link();
    expectRefused(await putTo(change(put), OTHER));
    expect(await objects.stat(ref)).toBeUndefined();

    const kept = { bucket: 'photos', key: `originals/acc_1/${ref.key.slice(6)}` } as const;
    const { status } = await putTo(change(put), BODY);
    if (status !== 200) return expect(await objects.stat(ref)).toBeUndefined();
    expect(await objects.move(ref, kept, 'image/jpeg')).toBe(true);
    const expiresAt = new Date(Date.now() + 60_000);
    const url = await objects.presignGet({ ref: kept, expiresAt, fileName: 'a.jpg' });
    const seen = await putTo({ url, headers: {} }, Buffer.alloc(0), 'GET');
    expect(seen).toMatchObject({ status: 200, headers: { 'content-type': 'image/jpeg' } });
    expect(seen.headers['content-disposition']).toContain('attachment');
    for (const name of [
      'content-encoding',
      'cache-control',
      'content-language',
      'location',
      'x-amz-website-redirect-location',
    ])
      expect([name, seen.headers[name]]).toEqual([name, undefined]);
    expect(await objects.read(kept)).toEqual(BODY);
    expect((await objects.stat(kept))?.modifiedAt.getFullYear()).not.toBe(2001);
    const { host, pathname } = new URL(url);
    expect((await fetch(`http://${host}${pathname}`)).status).toBe(403);
  });

  function keyOfItsOwn() {
    const key = '0'.repeat(32);
    return {
      'x-amz-server-side-encryption-customer-algorithm': 'AES256',
      'x-amz-server-side-encryption-customer-key': Buffer.from(key).toString('base64'),
      'x-amz-server-side-encryption-customer-key-md5': md5Of(key),
    };
  }
});

test('used again behind the move, it brings the same bytes to the same place, and what was kept stays', async () => {
  const { ref, put } = await link();
  const kept = { bucket: 'photos', key: `originals/acc_1/${ref.key.slice(6)}` } as const;
  expect((await putTo(put, BODY)).status).toBe(200);
  expect(await objects.move(ref, kept, 'image/jpeg')).toBe(true);
  expect((await putTo(put, OTHER)).status).toBe(400);
  expect((await putTo(put, BODY)).status).toBe(200);
  expect(await objects.read(kept)).toEqual(BODY);
  await objects.remove(ref);
  expect(await objects.read(kept)).toEqual(BODY);
});
