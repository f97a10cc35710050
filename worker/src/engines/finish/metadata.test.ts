import { crc32, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { embedInJpeg, embedInPng } from './embed.ts';
import { keepExif } from './exif.ts';
import { readRgbProfile } from './profile.ts';

/** A profile with nothing but a description. */
function profile(tag: Buffer, space = 'RGB '): Buffer {
  const bytes = Buffer.alloc(128 + 4 + 12 + tag.length);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.write(space, 16, 'latin1');
  bytes.write('acsp', 36, 'latin1');
  bytes.writeUInt32BE(1, 128);
  bytes.write('desc', 132, 'latin1');
  bytes.writeUInt32BE(144, 136);
  bytes.writeUInt32BE(tag.length, 140);
  tag.copy(bytes, 144);
  return bytes;
}

function oldName(name: string): Buffer {
  const head = Buffer.alloc(12);
  head.write('desc', 0, 'latin1');
  head.writeUInt32BE(name.length + 1, 8);
  return Buffer.concat([head, Buffer.from(`${name}\0`, 'latin1')]);
}

function newName(name: string): Buffer {
  const text = Buffer.from(name, 'utf16le').swap16();
  const head = Buffer.alloc(28);
  head.write('mluc', 0, 'latin1');
  head.writeUInt32BE(1, 8);
  head.writeUInt32BE(12, 12);
  head.write('enUS', 16, 'latin1');
  head.writeUInt32BE(text.length, 20);
  head.writeUInt32BE(28, 24);
  return Buffer.concat([head, text]);
}

describe('readRgbProfile', () => {
  test.each([
    ['version 2', oldName('Adobe RGB (1998)'), 'Adobe RGB (1998)'],
    ['version 4', newName('Display P3'), 'Display P3'],
    ['control characters', oldName('a\u001b[31mb\nc'), 'a[31mbc'],
    ['a name that is too long', oldName('x'.repeat(300)), 'x'.repeat(80)],
    ['an empty name', oldName(''), 'unnamed RGB profile'],
    ['an unknown text type', Buffer.from('text\0\0\0\0name'), 'unnamed RGB profile'],
  ])('names %s', (_, tag, name) => {
    expect(readRgbProfile(profile(tag))?.name).toBe(name);
  });

  const good = profile(oldName('x'));
  test.each([
    ['no profile', undefined],
    ['an empty one', Buffer.alloc(0)],
    ['CMYK', profile(oldName('x'), 'CMYK')],
    ['grey', profile(oldName('x'), 'GRAY')],
    ['one that is cut short', good.subarray(0, good.length - 1)],
    ['one without its signature', Buffer.from(good).fill(0, 36, 40)],
    ['one of more than 1 MiB', profile(Buffer.alloc(1024 * 1024))],
  ])('keeps nothing of %s', (_, bytes) => {
    expect(readRgbProfile(bytes)).toBeNull();
  });

  test('survives any tag table', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 200 }), (table) => {
        const bytes = Buffer.concat([good.subarray(0, 128), table]);
        bytes.writeUInt32BE(bytes.length, 0);
        expect(readRgbProfile(bytes)?.bytes).toBe(bytes);
      }),
    );
  });
});

describe('embedInJpeg', () => {
  const app = (marker: number, text: string) =>
    Buffer.concat([Buffer.from([0xff, marker, 0, 2 + text.length]), Buffer.from(text)]);
  const jpeg = Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    app(0xe0, 'JFIF'),
    app(0xe1, 'Exif'),
    Buffer.from([0xff, 0xdb, 0, 3, 1]),
  ]);

  test.each([1, 65_519, 65_520, 200_000])(
    'a profile of %i bytes, in order, after the header segments',
    (size) => {
      const icc = Buffer.from(Uint8Array.from({ length: size }, (_, i) => i % 251));
      const out = embedInJpeg(jpeg, icc);
      const parts: Buffer[] = [];
      let at = 2 + 8 + 8;
      const chunks = Math.ceil(size / 65_519);
      for (let i = 1; i <= chunks; i++) {
        expect([...out.subarray(at, at + 2)]).toEqual([0xff, 0xe2]);
        const length = out.readUInt16BE(at + 2);
        expect(out.toString('latin1', at + 4, at + 16)).toBe('ICC_PROFILE\0');
        expect([...out.subarray(at + 16, at + 18)]).toEqual([i, chunks]);
        parts.push(out.subarray(at + 18, at + 2 + length));
        at += 2 + length;
      }
      expect(Buffer.concat(parts).equals(icc)).toBe(true);
      expect(out.subarray(at).equals(jpeg.subarray(18))).toBe(true);
      expect(out.subarray(0, 18).equals(jpeg.subarray(0, 18))).toBe(true);
    },
  );
});

describe('embedInPng', () => {
  test('one iCCP chunk after IHDR, with a checksum', () => {
    const png = Buffer.from(Uint8Array.from({ length: 60 }, (_, i) => i));
    const icc = Buffer.from('a profile');
    const out = embedInPng(png, icc);
    const length = out.readUInt32BE(33);
    const body = out.subarray(37, 37 + 4 + length);
    expect(body.toString('latin1', 0, 9)).toBe('iCCPicc\0\0');
    expect(inflateSync(body.subarray(9)).equals(icc)).toBe(true);
    expect(out.readUInt32BE(37 + 4 + length)).toBe(crc32(body));
    expect(Buffer.concat([out.subarray(0, 33), out.subarray(33 + 12 + length)]).equals(png)).toBe(true);
  });
});

describe('keepExif', () => {
  test('says which space the pixels are in', () => {
    expect(keepExif(undefined, false)).toEqual({ IFD0: {}, IFD2: { ColorSpace: '1' } });
    expect(keepExif(undefined, true)).toEqual({ IFD0: {}, IFD2: { ColorSpace: '65535' } });
  });

  test.each([
    ['UTF-8', 'Jürgen Weiß', 'utf8', 'Jurgen Weiss'],
    ['Latin-1', '© Zoë', 'latin1', '(c) Zoe'],
    ['two parts', 'A. Photographer\0B. Editor\0', 'latin1', 'A. Photographer; B. Editor'],
  ] as const)('keeps a copyright in %s, in ASCII', (_, copyright, encoding, kept) => {
    const value = Buffer.from(copyright, encoding);
    const head = Buffer.from('Exif\0\0II*\0\x08\0\0\0\x01\0\x98\x82\x02\0', 'latin1');
    const sizes = Buffer.alloc(12);
    sizes.writeUInt32LE(value.length, 0);
    // After this directory of one entry.
    sizes.writeUInt32LE(26, 4);
    expect(keepExif(Buffer.concat([head, sizes, value]), false).IFD0).toEqual({ Copyright: kept });
  });

  test('survives any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const exif = Buffer.concat([Buffer.from('Exif\0\0II*\0\x08\0\0\0', 'latin1'), bytes]);
        const kept = keepExif(exif, false);
        for (const value of Object.values({ ...kept.IFD0, ...kept.IFD2 }))
          expect(value).toMatch(/^[\x20-\x7e]+$/);
      }),
    );
  });
});
