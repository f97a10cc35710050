import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { inspectImage } from './index.ts';
import { LIMITS, photo, riff, riffChunk } from './testing.ts';

const lossy = await photo().webp().toBuffer();
const lossless = await photo().webp({ lossless: true }).toBuffer();
const extended = await photo().withMetadata({ orientation: 6 }).webp().toBuffer();
const frames = [await photo().png().toBuffer(), await photo().negate().png().toBuffer()];
const animated = await sharp(frames, { join: { animated: true } })
  .webp()
  .toBuffer();

function inspect(bytes: Buffer) {
  return inspectImage(bytes, 'image/webp', LIMITS);
}

function codeOf(bytes: Buffer): string {
  const seen = inspect(bytes);
  return seen.ok ? 'ok' : seen.code;
}

function patch(bytes: Buffer, at: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, at);
  return copy;
}

/** All chunks of a file, as one piece. */
const chunksOf = (bytes: Buffer) => bytes.subarray(12);
const header = extended.subarray(12, 30);
const EXIF_BODY = Buffer.from('MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0', 'latin1');

describe('what encoders write', () => {
  test.each([
    ['lossy', lossy, 1],
    ['lossless', lossless, 1],
    ['alpha', photo(160, 120, 4).webp().toBuffer(), 1],
    ['alpha, lossless', photo(160, 120, 4).webp({ lossless: true }).toBuffer(), 1],
    ['a colour profile', photo().withIccProfile('p3').webp().toBuffer(), 1],
    ['EXIF', extended, 6],
    [
      'EXIF with the prefix of JPEG',
      riff(header, chunksOf(lossy), riffChunk('EXIF', Buffer.concat([Buffer.from('Exif\0\0'), EXIF_BODY]))),
      8,
    ],
    ['an unknown chunk', riff(header, chunksOf(lossy), riffChunk('ABCD', 'odd')), 1],
  ])('%s passes', async (_name, bytes, orientation) => {
    expect(inspect(await bytes)).toEqual({
      ok: true,
      format: 'webp',
      contentType: 'image/webp',
      width: 160,
      height: 120,
      orientation,
    });
  });
});

describe('structure', () => {
  test.each([
    ['half', lossy.subarray(0, lossy.length >> 1), 'image_truncated'],
    ['the last byte missing', lossy.subarray(0, -1), 'image_truncated'],
    ['only the file header', lossy.subarray(0, 12), 'image_truncated'],
    ['a file header without chunks', riff(), 'image_corrupt'],
    ['no picture', riff(header), 'image_corrupt'],
    ['a chunk longer than the file declares', patch(lossy, 16, 0xff, 0xff, 0xff, 0x7f), 'image_corrupt'],
    ['metadata first', riff(riffChunk('XMP ', 'x'), chunksOf(lossy)), 'image_corrupt'],
    ['a header in the middle', riff(chunksOf(lossy), header), 'image_corrupt'],
    ['two pictures', riff(header, chunksOf(lossy), chunksOf(lossy)), 'image_corrupt'],
    ['no key frame', patch(lossy, 20, lossy.readUInt8(20) | 1), 'image_corrupt'],
    ['no start code', patch(lossy, 23, 0), 'image_corrupt'],
    ['a first partition longer than the picture', patch(lossy, 21, 0xff, 0xff), 'image_truncated'],
    ['a lossless picture of version 7', patch(lossless, 24, 0xf0), 'image_corrupt'],
    ['a lossless picture without signature', patch(lossless, 20, 0), 'image_corrupt'],
    [
      'a header of another size than the picture',
      riff(patch(header, 12, 200), chunksOf(lossy)),
      'image_corrupt',
    ],
    [
      'a header of 16 million pixels a side',
      riff(patch(header, 12, 255, 255, 255, 255, 255, 255), chunksOf(lossy)),
      'image_too_large',
    ],
    ['an animation', animated, 'image_animated'],
    ['frames without the flag', riff(header, riffChunk('ANMF', Buffer.alloc(16))), 'image_animated'],
    ['script in XMP', riff(header, chunksOf(lossy), riffChunk('XMP ', '<x><script>')), 'image_polyglot'],
    [
      '17 MB of other data',
      riff(header, chunksOf(lossy), riffChunk('JUNK', Buffer.alloc(17 << 20))),
      'image_polyglot',
    ],
    [
      '2,000 chunks',
      riff(header, ...Array.from({ length: 2000 }, () => riffChunk('ABCD', ''))),
      'image_corrupt',
    ],
    ['one byte behind the end', Buffer.concat([lossy, Buffer.from('x')]), 'image_polyglot'],
    ['one zero behind the end', Buffer.concat([lossy, Buffer.alloc(1)]), 'ok'],
  ])('%s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });
});
