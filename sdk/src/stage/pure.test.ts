import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { FAKE_CATALOG } from '../testing/index.ts';
import { fakeJpeg } from '../testSupport.ts';
import { Batcher } from './batcher.ts';
import { checkChoices, checkLocalFile } from './check.ts';
import { cleanName, outputName, outputStems, uniqueNames } from './names.ts';
import { AdaptivePool, nextLimit } from './pool.ts';
import { Slabs, slabSize } from './slabs.ts';
import { sniff } from './sniff.ts';

const latin = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const ftyp = (major: string, ...brands: string[]) =>
  latin(`\0\0\0${String.fromCharCode(16 + brands.length * 4)}ftyp${major}\0\0\0\0${brands.join('')}`);

describe('what a file is', () => {
  test.each([
    ['image/jpeg', fakeJpeg(1)],
    ['image/png', latin('\x89PNG\r\n\x1a\n....')],
    ['image/webp', latin('RIFF\0\0\0\0WEBPVP8 ')],
    ['image/avif', ftyp('avif')],
    ['image/avif', ftyp('mif1', 'miaf', 'avif')],
    ['image/heic', ftyp('heic')],
    ['image/heic', ftyp('mif1', 'heix')],
    ['image/gif', latin('GIF89a....')],
    ['image/tiff', latin('II*\0....')],
    ['image/tiff', latin('MM\0+....')],
    ['image/tiff', ftyp('crx ', 'isom')],
    ['image/tiff', latin('FUJIFILMCCD-RAW 0201')],
  ])('%s by its first bytes', (contentType, head) => {
    expect(sniff(head)?.contentType).toBe(contentType);
  });

  test.each([
    ['a video or another media file', ftyp('mp42', 'isom')],
    ['a PDF document', latin('%PDF-1.7')],
    ['a ZIP archive', latin('PK\x03\x04')],
    ['an SVG drawing', latin('<?xml version="1.0"?>\n<svg xmlns="x">')],
    ['an HTML page', latin(' <!DOCTYPE html>')],
  ])('%s is no picture', (name, head) => {
    expect(sniff(head)).toEqual({ name, contentType: undefined });
  });

  test('nothing that is known, without a crash', () => {
    expect(sniff(new Uint8Array())).toBeUndefined();
    expect(sniff(latin('hello'))).toBeUndefined();
    fc.assert(fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => void sniff(bytes)));
  });
});

describe('the check before anything is sent', () => {
  const limits = { contentTypes: ['image/jpeg', 'image/png'], maxBytes: 10_000 };
  test.each([
    ['a photo', fakeJpeg(1), 4_000, 'image/jpeg'],
    ['exactly the limit', fakeJpeg(1), 10_000, 'image/jpeg'],
  ])('%s passes', (_name, head, size, contentType) => {
    expect(checkLocalFile(head, size, limits)).toEqual({ ok: true, contentType });
  });
  test.each([
    ['an empty file', new Uint8Array(), 0, 'file_empty', 'Export the photo again'],
    ['a byte too much', fakeJpeg(1), 10_001, 'file_too_large', '10000 are accepted'],
    ['a type that is not taken', latin('RIFF\0\0\0\0WEBPVP8 '), 50, 'unsupported_format', 'a WebP picture'],
    ['a document', latin('%PDF-1.7'), 50, 'unsupported_format', 'JPEG, PNG'],
    ['noise', latin('????'), 4, 'unsupported_format', 'no picture that is known'],
  ])('%s does not', (_name, head, size, code, words) => {
    const check = checkLocalFile(head, size, limits);
    expect(check).toMatchObject({
      ok: false,
      error: { code, retryable: false, message: expect.stringContaining(words) },
    });
  });

  test.each([
    [{}, null],
    [{ engine: 'furnish', style: 'modern', roomType: 'bedroom', variations: 4 }, null],
    [{ engine: 'magic' }, 'no engine "magic". Installed: finish, furnish'],
    [{ style: 'modern' }, 'takes no style. These engines have it:'],
    [{ style: 'gothic' }, 'takes no style. No installed engine has it. Leave it out.'],
    [{ roomType: 'bedroom' }, 'takes no room type'],
    [{ engine: 'furnish', style: 'baroque' }, 'no style "baroque". It has: modern, scandinavian'],
    [{ engine: 'furnish', roomType: 'attic' }, 'no room type "attic"'],
    [{ engine: 'furnish', params: { quality: 'preview', clutter: 0.5, pieces: 3, label: false } }, null],
    [{ engine: 'furnish', params: { corner: '3,4' } }, null],
    [
      { engine: 'furnish', params: { corner: '3' } },
      'takes a text of another form (A corner as x,y), not "3"',
    ],
    [{ params: { longEdge: 1 } }, 'finish has no option "longEdge". It has none.'],
    [{ engine: 'furnish', params: { toString: 1 } }, 'has no option "toString". It has: quality, clutter'],
    [{ engine: 'furnish', params: { quality: 'best' } }, 'takes preview or final, not "best"'],
    [{ engine: 'furnish', params: { clutter: 2 } }, 'takes a number from 0 to 1, not 2'],
    [{ engine: 'furnish', params: { pieces: 1.5 } }, 'takes a whole number from 1 to 20, not 1.5'],
    [{ engine: 'furnish', params: { label: 'yes' } }, 'takes true or false, not "yes"'],
    [{ variations: 2 }, 'makes one variation of a photo'],
    [{ engine: 'furnish', variations: 0 }, '1 to 4 variations'],
  ])('choices %j', (options, words) => {
    if (words === null) expect(() => checkChoices(options, FAKE_CATALOG)).not.toThrow();
    else
      expect(() => checkChoices(options, FAKE_CATALOG)).toThrow(
        expect.objectContaining({ message: expect.stringContaining(words) }),
      );
  });
});

describe('names', () => {
  test.each([
    ['hall.jpg', 'hall.jpg'],
    ['up\\hall.jpg', 'up/hall.jpg'],
    ['../../etc/passwd', 'etc/passwd'],
    ['/abs/./x//y.jpg', 'abs/x/y.jpg'],
    ['C:\\a?.jpg', 'C_/a_.jpg'],
    ['a\u0000b\n.jpg', 'a_b_.jpg'],
    ['..', 'photo'],
    ['', 'photo'],
  ])('%j becomes %j', (name, clean) => expect(cleanName(name)).toBe(clean));

  test('a clean name never leaves its folder', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const parts = cleanName(name).split('/');
        expect(parts.every((part) => part !== '' && part !== '.' && part !== '..')).toBe(true);
      }),
    );
  });

  test('results are called like their photos, told apart where they must be', () => {
    expect(
      outputStems(['hall.jpg', 'up/hall.jpg', 'kitchen.jpg', 'Kitchen.png', '.jpg', 'v1.2 plan.jpeg']),
    ).toEqual(['hall', 'up/hall', 'kitchen.jpg', 'Kitchen.png', '.jpg', 'v1.2 plan']);
    expect(outputName('up/hall', 'finished', 'image/jpeg', 0)).toBe('up/hall.finished.jpg');
    expect(outputName('hall', 'staged', 'image/png', 2)).toBe('hall.staged.3.png');
    expect(outputName('hall', '../x', 'text/odd', 0)).toBe('hall.___x.bin');
  });

  test('are unique, whatever comes in', () => {
    expect(uniqueNames([['a.jpg'], ['a.jpg'], ['A.jpg']])).toEqual(['a.jpg', 'a (2).jpg', 'A (3).jpg']);
    expect(
      uniqueNames([
        ['a', 'x/a'],
        ['a', 'y/a'],
        ['b', 'x/b'],
      ]),
    ).toEqual(['x/a', 'y/a', 'b']);
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'A', 'b.jpg', 'b.png', 'a.b', 'c/a.jpg')), (names) => {
        const stems = outputStems(names).map((stem) => stem.toLowerCase());
        expect(new Set(stems).size).toBe(stems.length);
      }),
    );
  });
});

describe('how many at the same time', () => {
  test.each([
    [4, 'round', 8, 5],
    [8, 'round', 8, 8],
    [8, 'setback', 8, 4],
    [5, 'setback', 8, 2],
    [1, 'setback', 8, 1],
  ] as const)('%i after a %s with at most %i is %i', (limit, outcome, max, next) => {
    expect(nextLimit(limit, outcome, max)).toBe(next);
  });

  test('a pool keeps to its limit while it moves', async () => {
    const pool = new AdaptivePool(4, 6);
    const gates: PromiseWithResolvers<void>[] = [];
    let running = 0;
    const task = async () => {
      running += 1;
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      running -= 1;
    };
    const all = Array.from({ length: 20 }, () => pool.run(task));
    const settle = () => new Promise((resolve) => setImmediate(resolve));
    await settle();
    expect(running).toBe(4);
    pool.setBack();
    gates.splice(0, 1)[0]?.resolve();
    gates.splice(0, 1)[0]?.resolve();
    await settle();
    expect([pool.limit, running]).toEqual([2, 2]);
    for (let i = 0; i < 20; i += 1) pool.succeeded();
    expect(pool.limit).toBe(6);
    gates.splice(0, 1)[0]?.resolve();
    await settle();
    expect(running).toBe(6);
    while (gates.length > 0) {
      gates.shift()?.resolve();
      await settle();
    }
    await Promise.all(all);
    expect(running).toBe(0);
    await expect(pool.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});

test('a batcher sends the first at once and what comes meanwhile together', async () => {
  vi.useFakeTimers({ now: 0 });
  const sent: { at: number; items: number[] }[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const batcher = new Batcher<number>(3, 1, 50, async (items) => {
    sent.push({ at: performance.now(), items });
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    await gate.promise;
  });
  await batcher.settled();
  batcher.add(1);
  await vi.advanceTimersByTimeAsync(0);
  for (const n of [2, 3, 4, 5]) batcher.add(n);
  const settled = batcher.settled();
  await vi.advanceTimersByTimeAsync(10);
  gates[0]?.resolve();
  await vi.advanceTimersByTimeAsync(0);
  gates[1]?.resolve();
  await vi.advanceTimersByTimeAsync(50);
  gates[2]?.resolve();
  await settled;
  vi.useRealTimers();
  expect(sent.map(({ items }) => items)).toEqual([[1], [2, 3, 4], [5]]);
  // A full batch goes at once, the rest no sooner than 50 ms later.
  expect((sent[2]?.at ?? 0) - (sent[1]?.at ?? 0)).toBe(50);
});

test('a batcher that holds back gathers until it is poked, or has a full call', async () => {
  vi.useFakeTimers({ now: 0 });
  const sent: number[][] = [];
  let held = true;
  const batcher = new Batcher<number>(
    3,
    1,
    0,
    async (items) => void sent.push(items),
    () => held,
  );
  for (const n of [1, 2]) batcher.add(n);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual([]);
  for (const n of [3, 4]) batcher.add(n);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent).toEqual([[1, 2, 3]]);
  held = false;
  batcher.poke();
  await vi.advanceTimersByTimeAsync(0);
  vi.useRealTimers();
  expect(sent).toEqual([[1, 2, 3], [4]]);
});

const KB = 1024;

test.each([
  [0, 256 * KB],
  [1, 256 * KB],
  [256 * KB, 256 * KB],
  [256 * KB + 1, 512 * KB],
  [3_000_000, 4096 * KB],
])('%i bytes go onto a slab of %i', (bytes, size) => expect(slabSize(bytes)).toBe(size));

describe('slabs', () => {
  test('are lent while there is room, in order of arrival, and used again', async () => {
    const slabs = new Slabs(1024 * KB);
    const [first, second] = [await slabs.take(500 * KB), await slabs.take(400 * KB)];
    if (!first || !second) throw new Error('there is room for two');
    expect(first.buffer).not.toBe(second.buffer);
    const order: string[] = [];
    const third = slabs.take(500 * KB).then((slab) => {
      order.push('third');
      return slab;
    });
    const little = slabs.take(1).then(() => order.push('little'));
    await Promise.resolve();
    expect(order).toEqual([]);
    slabs.give(first.subarray(0, 10));
    expect((await third)?.buffer).toBe(first.buffer);
    slabs.give(second);
    await little;
    expect(order).toEqual(['third', 'little']);
  });

  test('idle ones make room for one of another size', async () => {
    const slabs = new Slabs(1024 * KB);
    const three = await Promise.all([slabs.take(1), slabs.take(1), slabs.take(1)]);
    for (const slab of three) if (slab) slabs.give(slab);
    expect((await slabs.take(1024 * KB))?.length).toBe(1024 * KB);
  });

  test('a wait ends with its signal', async () => {
    const slabs = new Slabs(256 * KB);
    await slabs.take(1);
    const end = new AbortController();
    const waiting = slabs.take(1, end.signal);
    end.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('there is none above all that there is', async () => {
    expect(await new Slabs(1024 * KB).take(1024 * KB + 1)).toBeUndefined();
    expect(await new Slabs(0).take(1)).toBeUndefined();
  });
});
