import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareKeys, type ListOptions, type ObjectRef, type Objects } from '../../server/src/ports/index.ts';
import { keysOf, pagesOf } from '../support/keys.ts';
import { jpegOf, putTo } from './objectsClient.ts';

export interface ObjectsFixture {
  readonly objects: Objects;
  close(): Promise<void>;
}

/** What every adapter of the pixel store does, with a running store behind its links. */
export function describeObjects(name: string, start: () => Promise<ObjectsFixture>): void {
  describe(`objects: ${name}`, () => {
    let fixture: ObjectsFixture;
    let objects: Objects;
    let scratch: string;
    beforeAll(async () => {
      scratch = await mkdtemp(join(tmpdir(), 'stager-objects-'));
      fixture = await start();
      objects = fixture.objects;
    });
    afterAll(async () => {
      await fixture.close();
      await rm(scratch, { recursive: true });
    });

    const photo = (key: string): ObjectRef => ({ bucket: 'photos', key });
    const write = (key: string, body: Buffer) => objects.write(photo(key), body, 'image/jpeg');
    const keysBelow = (prefix: string) => keysOf(objects, 'photos', prefix);
    const listed = (options: ListOptions) => pagesOf(objects.list('photos', options));
    const etagOf = async (key: string) => (await objects.stat(photo(key)))?.etag ?? '';

    describe('reading and writing', () => {
      test('an object is read as it was written', async () => {
        const body = jpegOf(300_000);
        await write('rw/a/b.jpg', body);
        expect(await objects.read(photo('rw/a/b.jpg'))).toEqual(body);
        const stream = await objects.open(photo('rw/a/b.jpg'));
        expect(stream && (await buffer(stream))).toEqual(body);
        const info = await objects.stat(photo('rw/a/b.jpg'));
        expect(info).toMatchObject({ size: body.length, contentType: 'image/jpeg' });
        expect(info?.etag).toMatch(/^".+"$/);
        expect(Math.abs(Date.now() - (info?.modifiedAt.getTime() ?? 0))).toBeLessThan(60_000);
      });

      test('an object is read into memory that is there, as much of it as fits', async () => {
        const body = jpegOf(300_000);
        await write('rw/into', body);
        const memory = Buffer.alloc(400_000, 7);
        expect(await objects.readInto(photo('rw/into'), memory)).toBe(300_000);
        expect(memory.subarray(0, 300_000)).toEqual(body);
        expect(memory.subarray(300_000)).toEqual(Buffer.alloc(100_000, 7));
        const little = Buffer.alloc(1000);
        expect(await objects.readInto(photo('rw/into'), little)).toBe(300_000);
        expect(little).toEqual(body.subarray(0, 1000));
      });

      test('an empty object is an object', async () => {
        await objects.write(photo('rw/empty'), Buffer.alloc(0), 'application/octet-stream');
        expect(await objects.read(photo('rw/empty'))).toEqual(Buffer.alloc(0));
        const stream = await objects.open(photo('rw/empty'));
        expect(stream && (await buffer(stream))).toEqual(Buffer.alloc(0));
      });

      test('what is missing is undefined, not an error', async () => {
        const ref = photo('rw/nothing/here');
        expect(await objects.stat(ref)).toBeUndefined();
        expect(await objects.read(ref)).toBeUndefined();
        expect(await objects.readInto(ref, Buffer.alloc(10))).toBeUndefined();
        expect(await objects.open(ref)).toBeUndefined();
        await objects.remove(ref);
      });

      test('buckets are apart', async () => {
        await write('rw/apart', jpegOf(100));
        expect(await objects.stat({ bucket: 'uploads', key: 'rw/apart' })).toBeUndefined();
      });

      test('a local file is stored and stays', async () => {
        const body = jpegOf(700_001);
        const path = join(scratch, 'local.jpg');
        await writeFile(path, body);
        await objects.writeFile(photo('rw/from-file.jpg'), path, 'image/jpeg');
        expect(await objects.read(photo('rw/from-file.jpg'))).toEqual(body);
        expect(await readFile(path)).toEqual(body);
      });

      test('overwriting replaces content, size and etag', async () => {
        await write('rw/over', jpegOf(5_000));
        const before = await objects.stat(photo('rw/over'));
        await write('rw/over', jpegOf(10));
        const after = await objects.stat(photo('rw/over'));
        expect(after?.size).toBe(10);
        expect(after?.etag).not.toBe(before?.etag);
      });

      test('the etag stays while the object does', async () => {
        await write('rw/same', jpegOf(500));
        const [first, second] = [await objects.stat(photo('rw/same')), await objects.stat(photo('rw/same'))];
        expect(first?.etag).toBe(second?.etag);
      });

      test('a removed object is gone, and its place can be written again', async () => {
        await write('rw/gone/x', jpegOf(50));
        await objects.remove(photo('rw/gone/x'));
        expect(await objects.stat(photo('rw/gone/x'))).toBeUndefined();
        await write('rw/gone/x', jpegOf(60));
        expect((await objects.stat(photo('rw/gone/x')))?.size).toBe(60);
      });

      test('an aborted signal stops a write, and nothing is visible', async () => {
        const reason = new Error('the lease is lost');
        const signal = AbortSignal.abort(reason);
        await expect(objects.write(photo('rw/aborted'), jpegOf(50), 'image/jpeg', signal)).rejects.toBe(
          reason,
        );
        await expect(objects.read(photo('rw/over'), signal)).rejects.toBe(reason);
        expect(await objects.stat(photo('rw/aborted'))).toBeUndefined();
      });

      test('the store says that it works', () => objects.check());
    });

    describe('atomicity', () => {
      test('readers see one of the written objects as a whole, never a mixture', async () => {
        const bodies = [1, 2, 3, 4].map((n) => Buffer.alloc(400_000 + n * 1000, n));
        const hashes = new Set(bodies.map(sha256));
        await write('atomic', bodies[0] ?? Buffer.alloc(0));
        let writing = true;
        const writers = bodies.map(async (body) => {
          for (let round = 0; round < 8; round++) await write('atomic', body);
        });
        const readers = [1, 2, 3].map(async () => {
          let reads = 0;
          while (writing) {
            const stream = await objects.open(photo('atomic'));
            const [whole, streamed] = [await objects.read(photo('atomic')), stream && (await buffer(stream))];
            expect(hashes).toContain(sha256(whole ?? Buffer.alloc(0)));
            expect(hashes).toContain(sha256(streamed ?? Buffer.alloc(0)));
            reads += 1;
          }
          return reads;
        });
        await Promise.all(writers);
        writing = false;
        for (const reads of await Promise.all(readers)) expect(reads).toBeGreaterThan(0);
      });

      test('writers and removers of one folder do not trip over each other', async () => {
        await Promise.all(
          Array.from({ length: 40 }, async (_, n) => {
            await write(`busy/folder/${n}`, jpegOf(20));
            if (n % 2 === 0) await objects.remove(photo(`busy/folder/${n}`));
          }),
        );
        expect(await keysBelow('busy/')).toHaveLength(20);
      });
    });

    describe('moving', () => {
      test('moves from one bucket to another', async () => {
        const body = jpegOf(1000);
        await objects.write({ bucket: 'uploads', key: 'mv/staged' }, body, 'image/jpeg');
        const moved = await objects.move(
          { bucket: 'uploads', key: 'mv/staged' },
          photo('mv/final/x'),
          'image/jpeg',
        );
        expect(moved).toBe(true);
        expect(await objects.read(photo('mv/final/x'))).toEqual(body);
        expect(await objects.stat({ bucket: 'uploads', key: 'mv/staged' })).toBeUndefined();
      });

      test('replaces what is at the target', async () => {
        await write('mv/a', jpegOf(11));
        await write('mv/b', jpegOf(22));
        expect(await objects.move(photo('mv/a'), photo('mv/b'), 'image/jpeg')).toBe(true);
        expect((await objects.stat(photo('mv/b')))?.size).toBe(11);
      });

      test('a missing source is false, and the target stays', async () => {
        await write('mv/stays', jpegOf(33));
        expect(await objects.move(photo('mv/none'), photo('mv/stays'), 'image/jpeg')).toBe(false);
        expect((await objects.stat(photo('mv/stays')))?.size).toBe(33);
      });
    });

    describe('acting on exactly one object', () => {
      test('moves it while it is what it was', async () => {
        await write('exact/a', jpegOf(1000));
        const etag = await etagOf('exact/a');
        expect(await objects.moveExactly(photo('exact/a'), photo('exact/away/a'), etag)).toBe('done');
        expect(await keysBelow('exact/')).toEqual(['exact/away/a']);
        expect((await objects.stat(photo('exact/away/a')))?.contentType).toBe('image/jpeg');
        expect(await objects.moveExactly(photo('exact/a'), photo('exact/away/a'), etag)).toBe('missing');
      });

      test('leaves alone what was replaced', async () => {
        await write('exact/b', jpegOf(1000));
        const etag = await etagOf('exact/b');
        await write('exact/b', jpegOf(1001));
        expect(await objects.moveExactly(photo('exact/b'), photo('exact/away/b'), etag)).toBe('changed');
        expect(await objects.removeExactly(photo('exact/b'), etag)).toBe('changed');
        expect((await objects.stat(photo('exact/b')))?.size).toBe(1001);
        expect(await objects.stat(photo('exact/away/b'))).toBeUndefined();
      });

      test('never moves over another object', async () => {
        await write('exact/c', jpegOf(1000));
        await write('exact/taken', jpegOf(999));
        const etag = await etagOf('exact/c');
        expect(await objects.moveExactly(photo('exact/c'), photo('exact/taken'), etag)).toBe('changed');
        expect((await objects.stat(photo('exact/c')))?.size).toBe(1000);
        expect((await objects.stat(photo('exact/taken')))?.size).toBe(999);
        const other = jpegOf(1000);
        other[999] = 1 + (other[999] ?? 0);
        await write('exact/taken', other);
        expect(await objects.moveExactly(photo('exact/c'), photo('exact/taken'), etag)).toBe('changed');
        expect((await objects.stat(photo('exact/c')))?.size).toBe(1000);
      });

      test('removes it while it is what it was', async () => {
        await write('exact/d', jpegOf(1000));
        const etag = await etagOf('exact/d');
        expect(await objects.removeExactly(photo('exact/d'), etag)).toBe('done');
        expect(await objects.removeExactly(photo('exact/d'), etag)).toBe('missing');
      });
    });

    describe('listing', () => {
      const segment = fc.string({ unit: fc.constantFrom(...'ab01-_.'), minLength: 1, maxLength: 3 });
      const key = fc
        .array(segment, { minLength: 1, maxLength: 3 })
        .map((segments) => segments.join('/'))
        .filter((text) => !text.split('/').some((part) => part.startsWith('.')));

      test('is in byte order of the whole key, for every prefix', async () => {
        let round = 0;
        await fc.assert(
          fc.asyncProperty(fc.uniqueArray(key, { maxLength: 12 }), fc.nat(), async (candidates, at) => {
            const base = `list${round++}/`;
            // No key of ours is the folder of another.
            const keys = candidates.filter((one) => !candidates.some((other) => other.startsWith(`${one}/`)));
            await Promise.all(keys.map((one) => write(base + one, jpegOf(3))));
            const reference = keys
              .map((one) => base + one)
              .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
            expect(await keysBelow(base)).toEqual(reference);
            const some = reference[at % Math.max(1, reference.length)] ?? base;
            const prefix = some.slice(0, base.length + (at % (some.length - base.length + 1)));
            expect(await keysBelow(prefix)).toEqual(reference.filter((one) => one.startsWith(prefix)));
          }),
          { numRuns: 25 },
        );
      });

      test('the slash sorts by its byte among the others', async () => {
        const keys = ['order/a-b', 'order/a.b', 'order/a/b', 'order/a/c/d', 'order/a0', 'order/a_'];
        await Promise.all(keys.map((one) => write(one, jpegOf(3))));
        expect(await keysBelow('order/')).toEqual(keys);
      });

      test('tells size and time, and more than one page of keys', async () => {
        await Promise.all(Array.from({ length: 150 }, (_, n) => write(`many/${n}`, jpegOf(n + 3))));
        const found = await listed({ prefix: 'many/' });
        expect(found).toHaveLength(150);
        for (const { key: one, size, etag, modifiedAt } of found) {
          expect(size).toBe(Number(one.slice('many/'.length)) + 3);
          expect(Date.now() - modifiedAt.getTime()).toBeLessThan(120_000);
          expect(etag).toBe(await etagOf(one));
        }
      });

      test('goes on behind any key, whether there is one or not', async () => {
        const keys = ['after/a-b', 'after/a/b', 'after/a/c/d', 'after/a0', 'after/b/a', 'after/b/b'];
        await Promise.all(keys.map((one) => write(one, jpegOf(3))));
        const candidates = [
          ...keys,
          'after/',
          'after/a',
          'after/a/',
          'after/a/c',
          'after/a/c/',
          'after/a/z',
          'after/z',
        ];
        for (const after of candidates) {
          const rest = (await listed({ prefix: 'after/', after })).map(({ key: one }) => one);
          expect([after, rest]).toEqual([after, keys.filter((one) => compareKeys(one, after) > 0)]);
        }
      });

      test('ends with its signal', async () => {
        await write('signal/a', jpegOf(3));
        const reason = new Error('enough');
        await expect(listed({ prefix: 'signal/', signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      });

      test('nothing below a prefix is an empty list', async () => {
        expect(await keysBelow('nobody/')).toEqual([]);
      });
    });

    describe('links', () => {
      const expiresAt = () => new Date(Date.now() + 60_000);

      test('what is PUT through a link can be read, also through a link', async () => {
        const body = Buffer.concat([jpegOf(10), randomBytes(200_000)]);
        const ref = { bucket: 'uploads', key: 'acc_1/upl_1' } as const;
        const request = {
          ref,
          size: body.length,
          contentType: 'image/jpeg',
          sha256: sha256(body),
          expiresAt: expiresAt(),
        };
        expect((await putTo(await objects.presignPut(request), body)).status).toBe(200);
        expect(await objects.read(ref)).toEqual(body);
        const url = await objects.presignGet({
          ref,
          expiresAt: expiresAt(),
          fileName: 'Küche.jpg',
          contentType: 'image/jpeg',
        });
        const answer = await fetch(url);
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-type')).toBe('image/jpeg');
        expect(answer.headers.get('content-disposition')).toContain("filename*=UTF-8''K%C3%BCche.jpg");
        expect(Buffer.from(await answer.arrayBuffer())).toEqual(body);
      });

      test('other bytes than those announced are refused and not visible', async () => {
        const body = jpegOf(5_000);
        const ref = { bucket: 'uploads', key: 'acc_1/upl_2' } as const;
        const request = {
          ref,
          size: body.length,
          contentType: 'image/jpeg',
          sha256: sha256(body),
          expiresAt: expiresAt(),
        };
        const other = Buffer.from(body);
        other[4000] = (other[4000] ?? 0) ^ 1;
        expect((await putTo(await objects.presignPut(request), other)).status).toBe(400);
        expect(await objects.stat(ref)).toBeUndefined();
      });

      test('a link ends', async () => {
        await write('links/old', jpegOf(10));
        const url = await objects.presignGet({
          ref: photo('links/old'),
          expiresAt: new Date(Date.now() - 1_000),
        });
        expect((await fetch(url)).status).toBe(403);
      });

      test('a link for one object opens no other', async () => {
        await write('links/mine', jpegOf(10));
        await write('links/yours', jpegOf(10));
        const url = await objects.presignGet({ ref: photo('links/mine'), expiresAt: expiresAt() });
        expect((await fetch(url)).status).toBe(200);
        expect((await fetch(url.replace('links/mine', 'links/yours'))).status).toBe(403);
      });
    });
  });
}

function sha256(body: Buffer): string {
  return createHash('sha256').update(body).digest('hex');
}
