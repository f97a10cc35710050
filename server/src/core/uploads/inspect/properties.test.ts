import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { compose, phonePhoto, picture } from '../../../../../tests/formats/heic.ts';
import { INSPECTION_CODES, type Inspection, inspectImage } from './index.ts';
import { box, LIMITS, photo, riff, segment, video, withSegments } from './testing.ts';

const jpeg = await photo().withMetadata({ orientation: 6 }).jpeg().toBuffer();
const files = [
  ['baseline JPEG', 'image/jpeg', jpeg],
  ['progressive JPEG', 'image/jpeg', await photo().jpeg({ progressive: true }).toBuffer()],
  ['PNG', 'image/png', await photo(64, 64).png().toBuffer()],
  ['lossy WebP', 'image/webp', await photo(160, 120, 4).withMetadata({ orientation: 3 }).webp().toBuffer()],
  ['lossless WebP', 'image/webp', await photo(64, 64).webp({ lossless: true }).toBuffer()],
  ['AVIF', 'image/avif', await photo(160, 120, 4).withMetadata().avif({ effort: 0 }).toBuffer()],
  ['HEIC', 'image/heic', phonePhoto()],
] as const;
const TYPES = ['image/jpeg', 'image/png', 'image/webp', 'image/avif', 'image/heic'];

/** Cheap to break and rarely out of a random generator: numbers at the edges of their fields. */
const byte = fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff), fc.nat(255));

function expectSound(seen: Inspection): void {
  if (seen.ok) {
    expect(seen.width * seen.height).toBeLessThanOrEqual(LIMITS.maxPixels);
    expect(seen.width).toBeGreaterThanOrEqual(64);
    expect(seen.height).toBeGreaterThanOrEqual(64);
    expect(seen.orientation).toBeGreaterThanOrEqual(1);
    expect(seen.orientation).toBeLessThanOrEqual(8);
  } else {
    expect(INSPECTION_CODES).toContain(seen.code);
    expect(seen.message).toMatch(/^The .*\.$/s);
  }
}

describe.each(files)('%s', (_name, type, bytes) => {
  test('passes whole', () => {
    expect(inspectImage(bytes, type, LIMITS)).toMatchObject({ ok: true });
  });

  test('never passes cut short', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), (length) => {
        expect(inspectImage(bytes.subarray(0, length), type, LIMITS).ok).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  test('never passes with anything appended', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (added) => {
        fc.pre(added.some((value) => value !== 0));
        expect(inspectImage(Buffer.concat([bytes, added]), type, LIMITS).ok).toBe(false);
      }),
    );
  });

  test('is answered, whatever bytes are changed', () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), byte);
    // Most of a file is picture data; the structure stands at its start.
    const early = fc.tuple(fc.nat(Math.min(1500, bytes.length - 1)), byte);
    fc.assert(
      fc.property(fc.array(fc.oneof(early, change), { minLength: 1, maxLength: 8 }), (changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        expectSound(inspectImage(copy, type, LIMITS));
      }),
      { numRuns: 1500 },
    );
  });

  test('is answered, whatever is cut out or put in', () => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.nat(300),
        fc.uint8Array({ maxLength: 300 }),
        (at, removed, added) => {
          const spliced = Buffer.concat([bytes.subarray(0, at), added, bytes.subarray(at + removed)]);
          expectSound(inspectImage(spliced, type, LIMITS));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('has the size that the decoder sees, whenever both accept it', async () => {
    const early = fc.tuple(fc.nat(Math.min(1200, bytes.length - 1)), byte);
    let compared = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(early, { minLength: 1, maxLength: 2 }), async (changes) => {
        const copy = Buffer.from(bytes);
        for (const [at, value] of changes) copy[at] = value;
        const seen = inspectImage(copy, type, LIMITS);
        if (!seen.ok) return;
        const decoded = await sharp(copy)
          .metadata()
          .catch(() => null);
        if (!decoded) return;
        compared++;
        // The decoder of AVIF and HEIC tells the size after its own turn.
        const turns = (seen.format === 'avif' || seen.format === 'heic') && seen.orientation > 4;
        const sides = turns ? [seen.height, seen.width] : [seen.width, seen.height];
        expect(sides).toEqual([decoded.width, decoded.height]);
      }),
      { numRuns: 150 },
    );
    // Any change to a PNG fails a checksum, unless it writes what was there.
    if (type !== 'image/png') expect(compared).toBeGreaterThan(0);
  });
});

test('garbage never passes, with or without a signature', () => {
  const heads = files.flatMap(([, , bytes]) => [bytes.subarray(0, 12), bytes.subarray(0, 40)]);
  fc.assert(
    fc.property(
      fc.constantFrom(Buffer.alloc(0), ...heads),
      fc.uint8Array({ maxLength: 2000 }),
      fc.constantFrom(...TYPES),
      (head, garbage, type) => {
        const seen = inspectImage(Buffer.concat([head, garbage]), type, LIMITS);
        expect(seen.ok).toBe(false);
        expectSound(seen);
      },
    ),
    { numRuns: 1000 },
  );
});

test('trailers are answered, whatever bytes are changed', () => {
  const mpf = segment(0xe2, Buffer.from('MPF\0MM\0*', 'latin1'));
  const xmp = segment(0xe1, 'http://ns.adobe.com/xap/1.0/\0<x GCamera:MotionPhoto="1"/>');
  const whole = Buffer.concat([withSegments(jpeg, mpf, xmp), jpeg, video()]);
  expect(inspectImage(whole, 'image/jpeg', LIMITS).ok).toBe(true);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: jpeg.length, max: whole.length - 1 }), byte), { maxLength: 5 }),
      (changes) => {
        const copy = Buffer.from(whole);
        for (const [at, value] of changes) copy[at] = value;
        expectSound(inspectImage(copy, 'image/jpeg', LIMITS));
      },
    ),
    { numRuns: 500 },
  );
});

/** What would take minutes if any search began anew at each hit. The bound is loose: a busy machine is no failure. */
describe('time grows with the file, not with what is in it', () => {
  const SIZE = 8 << 20;
  const scan = jpeg.indexOf(Buffer.from([0xff, 0xda])) + 14;
  const fill = (pattern: string) => Buffer.alloc(SIZE, Buffer.from(pattern, 'latin1'));
  const asScan = (pattern: string) =>
    Buffer.concat([jpeg.subarray(0, scan), fill(pattern), jpeg.subarray(-2)]);
  const comment = segment(0xfe, Buffer.alloc(65_000, '<'));

  test.each([
    ['stuffed bytes', 'image/jpeg', asScan('\xff\0')],
    ['restarts', 'image/jpeg', asScan('\xff\xd0')],
    ['fill bytes', 'image/jpeg', asScan('\xff')],
    [
      'comments of almost markup',
      'image/jpeg',
      withSegments(jpeg, ...Array.from({ length: 128 }, () => comment)),
    ],
    ['empty segments', 'image/jpeg', withSegments(jpeg, fill('\xff\xe5\0\x02'))],
    ['zero padding', 'image/jpeg', Buffer.concat([jpeg, fill('\0')])],
    [
      'zero padding with one byte at its end',
      'image/jpeg',
      Buffer.concat([jpeg, fill('\0'), Buffer.from('x')]),
    ],
    ['end records of archives', 'image/jpeg', Buffer.concat([jpeg, fill('PK\x05\x06')])],
    ['empty boxes', 'image/avif', Buffer.concat([files[5][2].subarray(0, 28), fill('\0\0\0\x08free')])],
    [
      'units that are no picture',
      'image/heic',
      compose({ items: [{ ...picture('plain'), data: fill('\0\0\0\x03\x4e\x01\x50') }] }),
    ],
    [
      'boxes in the description',
      'image/avif',
      Buffer.concat([files[5][2].subarray(0, 28), box('meta', fill('\0\0\0\x08free'))]),
    ],
    ['empty chunks', 'image/webp', riff(files[3][2].subarray(12, 30), fill('ABCD\0\0\0\0'))],
  ])('8 MB of %s', (_name, type, bytes) => {
    const start = performance.now();
    expectSound(inspectImage(bytes, type, LIMITS));
    // What looked at each byte for each other would take minutes.
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
