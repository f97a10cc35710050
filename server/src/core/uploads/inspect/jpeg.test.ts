import { describe, expect, test } from 'vitest';
import { inspectImage } from './index.ts';
import { findMarker } from './jpeg.ts';
import { box, LIMITS, payloadOf, photo, segment, video, withSegments } from './testing.ts';

const jpeg = await photo().jpeg().toBuffer();
const progressive = await photo().jpeg({ progressive: true }).toBuffer();
const latin1 = (text: string) => Buffer.from(text, 'latin1');

function inspect(bytes: Buffer) {
  return inspectImage(bytes, 'image/jpeg', LIMITS);
}

function codeOf(bytes: Buffer): string {
  const seen = inspect(bytes);
  return seen.ok ? 'ok' : seen.code;
}

/** A copy with bytes of the first segment of that marker replaced. */
function patch(bytes: Buffer, marker: number, offset: number, ...values: number[]): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(values, payloadOf(copy, marker) + offset);
  return copy;
}

describe('what cameras and encoders write', () => {
  test.each([
    ['baseline', jpeg],
    ['progressive', progressive],
    ['grey', photo(160, 120, 1).toColourspace('b-w').jpeg().toBuffer()],
    ['CMYK', photo().toColourspace('cmyk').jpeg().toBuffer()],
    ['4:4:4', photo().jpeg({ chromaSubsampling: '4:4:4' }).toBuffer()],
    ['one colour, as small as a picture gets', photo().threshold(255).jpeg({ mozjpeg: true }).toBuffer()],
    ['with a colour profile', photo().withIccProfile('p3').jpeg().toBuffer()],
    ['fill bytes before a marker', withSegments(jpeg, Buffer.from([0xff, 0xff, 0xff]))],
    ['a comment', withSegments(jpeg, segment(0xfe, 'CREATOR: gd-jpeg v1.0'))],
  ])('%s passes', async (_name, bytes) => {
    expect(inspect(await bytes)).toEqual({
      ok: true,
      format: 'jpeg',
      contentType: 'image/jpeg',
      width: 160,
      height: 120,
      orientation: 1,
    });
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'EXIF orientation %i is told, the size stays as stored',
    async (orientation) => {
      const bytes = await photo().withMetadata({ orientation }).jpeg().toBuffer();
      expect(inspect(bytes)).toMatchObject({ ok: true, width: 160, height: 120, orientation });
    },
  );

  test.each([
    ['big endian', 'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0', 6],
    ['little endian', 'II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0', 6],
    ['a value out of range', 'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x09\0\0', 1],
    ['another type', 'MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x01\0\x06\0\0', 1],
    ['a directory outside', 'MM\0*\xff\xff\xff\xff\0\x01', 1],
    ['more entries announced than there are', 'MM\0*\0\0\0\x08\xff\xff\x01\0\0\x03\0\0\0\x01\0\x06\0\0', 1],
    ['nothing', '', 1],
  ])('EXIF: %s', (_name, tiff, orientation) => {
    expect(inspect(withSegments(jpeg, segment(0xe1, latin1(`Exif\0\0${tiff}`))))).toMatchObject({
      ok: true,
      orientation,
    });
  });
});

describe('structure', () => {
  const afterScan = (bytes: Buffer, added: Buffer) =>
    Buffer.concat([bytes.subarray(0, -2), added, bytes.subarray(-2)]);
  const frame = jpeg.subarray(payloadOf(jpeg, 0xc0) - 4, payloadOf(jpeg, 0xc0) + 15);
  const emptyScan = segment(0xda, Buffer.from([1, 1, 0, 1, 5, 0]));

  test.each([
    ['no end marker', jpeg.subarray(0, -2), 'image_truncated'],
    ['half of the scan', jpeg.subarray(0, jpeg.length >> 1), 'image_truncated'],
    [
      'an end marker after 100 bytes of the scan',
      Buffer.concat([jpeg.subarray(0, payloadOf(jpeg, 0xda) + 110), jpeg.subarray(-2)]),
      'image_truncated',
    ],
    ['only a start marker', latin1('\xff\xd8\xff'), 'image_truncated'],
    [
      'a segment longer than the file',
      withSegments(jpeg, latin1('\xff\xe5\xff\xff')).subarray(0, 3000),
      'image_truncated',
    ],
    [
      'a segment shorter than its length field',
      withSegments(jpeg, latin1('\xff\xe5\0\x01')),
      'image_corrupt',
    ],
    ['no marker where one must be', withSegments(jpeg, latin1('\xff\xe5\0\x03xyz')), 'image_corrupt'],
    ['a reserved marker', withSegments(jpeg, segment(0x02, 'x')), 'image_corrupt'],
    ['a second start marker', withSegments(jpeg, latin1('\xff\xd8')), 'image_corrupt'],
    ['an end without a picture', latin1('\xff\xd8\xff\xd9'), 'image_corrupt'],
    ['two frame headers', withSegments(jpeg, frame), 'image_corrupt'],
    ['a scan before the frame', withSegments(jpeg, emptyScan), 'image_corrupt'],
    ['a frame header cut short', withSegments(jpeg, segment(0xc0, '\x08')), 'image_corrupt'],
    [
      'a scan of a foreign component',
      afterScan(progressive, segment(0xda, Buffer.from([1, 9, 0, 1, 5, 0]))),
      'image_corrupt',
    ],
    [
      'a scan header of the wrong length',
      afterScan(progressive, segment(0xda, Buffer.from([3, 1, 0]))),
      'image_corrupt',
    ],
    ['a component shown twice', afterScan(jpeg, emptyScan), 'image_corrupt'],
    ['width 0', patch(jpeg, 0xc0, 3, 0, 0), 'image_corrupt'],
    ['height 0, to be told later', patch(jpeg, 0xc0, 1, 0, 0), 'image_corrupt'],
    ['two components', patch(jpeg, 0xc0, 5, 2), 'image_corrupt'],
    ['a length that does not fit the components', patch(jpeg, 0xc0, 5, 1), 'image_corrupt'],
    ['two components of one id', patch(jpeg, 0xc0, 9, 1), 'image_corrupt'],
    ['a sampling factor of 0', patch(jpeg, 0xc0, 7, 0x20), 'image_corrupt'],
    ['a sampling factor of 5', patch(jpeg, 0xc0, 7, 0x51), 'image_corrupt'],
    ['9 bits', patch(jpeg, 0xc0, 0, 9), 'image_corrupt'],
    ['12 bits', patch(jpeg, 0xc0, 0, 12), 'unsupported_format'],
    ['65,500 pixels wide', patch(jpeg, 0xc0, 1, 0xff, 0xdc, 0xff, 0xdc), 'image_too_large'],
    ['a large frame over little data', patch(jpeg, 0xc0, 1, 0x20, 0, 0x20, 0), 'image_truncated'],
  ])('%s', (_name, bytes, code) => {
    expect(codeOf(bytes)).toBe(code);
  });

  test.each([
    [0xc3, 'lossless'],
    [0xc5, 'hierarchical'],
    [0xc9, 'arithmetic-coded'],
    [0xca, 'arithmetic-coded'],
  ])('a frame of kind %i is refused as %s', (marker, kind) => {
    const bytes = Buffer.from(jpeg);
    bytes[payloadOf(jpeg, 0xc0) - 3] = marker;
    const seen = inspect(bytes);
    expect(seen).toMatchObject({ ok: false, code: 'unsupported_format' });
    expect(seen.ok ? '' : seen.message).toContain(`${kind} JPEG`);
  });

  test('as many scans as an encoder may want pass, a bomb of scans does not', () => {
    const scans = (count: number) =>
      afterScan(progressive, Buffer.concat(Array.from({ length: count }, () => emptyScan)));
    expect(codeOf(scans(150))).toBe('ok');
    const seen = inspect(scans(200));
    expect(seen).toMatchObject({ ok: false, code: 'image_corrupt' });
    expect(seen.ok ? '' : seen.message).toContain('more than 200 scans');
  });

  test('thousands of segments', () => {
    expect(codeOf(withSegments(jpeg, ...Array.from({ length: 5000 }, () => segment(0xfe, ''))))).toBe(
      'image_corrupt',
    );
  });

  test('a progressive picture that lacks the scan of a component', () => {
    const scan = progressive.indexOf(Buffer.from([0xff, 0xda]));
    const first = findMarker(progressive, scan + 2 + progressive.readUInt16BE(scan + 2));
    expect(codeOf(Buffer.concat([progressive.subarray(0, first), latin1('\xff\xd9')]))).toBe('ok');
    const grey = Buffer.concat([
      progressive.subarray(0, scan),
      segment(0xda, Buffer.from([1, 1, 0, 0, 0, 1])),
      Buffer.alloc(2000, 0x55),
      latin1('\xff\xd9'),
    ]);
    expect(codeOf(grey)).toBe('image_truncated');
  });

  test('markers are told from data, restarts and fill', () => {
    const find = (...bytes: number[]) => findMarker(Buffer.from(bytes), 0);
    expect(find(1, 0xff, 0, 0xff, 0xd0, 0xff, 0xd7, 0xff, 0xd9)).toBe(7);
    expect(find(0xff, 0xff, 0xda)).toBe(1);
    expect(find(0xff, 0xff, 0xff, 0xda)).toBe(2);
    expect(find(1, 2, 0xff)).toBe(-1);
    expect(find()).toBe(-1);
    const far = Buffer.alloc(1000);
    far.set([0xff, 0xd9], 998);
    expect(findMarker(far, 0)).toBe(998);
  });
});

describe('metadata that is something else to other programs', () => {
  test.each([
    ['a comment of PHP', segment(0xfe, '<?php system($_GET[0]); ?>')],
    ['a comment of script', segment(0xfe, '*/=1;</style><ScRiPt src=//x>')],
    ['an EXIF segment with a page', segment(0xe1, 'Exif\0\0<html><body>')],
    ['an application segment with an archive', segment(0xeb, latin1('....Rar!\x1a\x07\x01\0'))],
  ])('%s', (_name, added) => {
    expect(codeOf(withSegments(jpeg, added))).toBe('image_polyglot');
  });

  test('the same bytes in scan data are chance', () => {
    const at = jpeg.length - 600;
    const bytes = Buffer.from(jpeg);
    bytes.write('<?php <script', at, 'latin1');
    expect(codeOf(bytes)).toBe('ok');
  });

  test('XMP is XML and passes', () => {
    const xmp = 'http://ns.adobe.com/xap/1.0/\0<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"/>';
    expect(codeOf(withSegments(jpeg, segment(0xe1, xmp)))).toBe('ok');
  });
});

describe('behind the end of the picture', () => {
  const mpf = segment(0xe2, latin1('MPF\0MM\0*\0\0\0\x08\0\0'));
  const xmp = (body: string) => segment(0xe1, `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${body}</x:xmpmeta>`);
  const motionXmp = xmp('<rdf:Description GCamera:MotionPhoto="1"/>');
  const gainXmp = xmp('<rdf:Description hdrgm:Version="1.0"/>');
  const small = Buffer.from(withoutSize(jpeg));
  const announced = withSegments(jpeg, mpf);
  const motion = withSegments(jpeg, motionXmp);

  /** A gain map may be smaller than a photo. */
  function withoutSize(bytes: Buffer): Buffer {
    return patch(bytes, 0xc0, 1, 0, 32, 0, 32);
  }

  function samsung(blockBody: Buffer, type = 0x0a30): Buffer {
    const block = Buffer.concat([Buffer.alloc(8), latin1('MotionPhoto_Data'), blockBody]);
    block.writeUInt16LE(type, 2);
    block.writeUInt32LE(16, 4);
    const directory = Buffer.alloc(24);
    directory.write('SEFH', 'latin1');
    directory.writeUInt32LE(107, 4);
    directory.writeUInt32LE(1, 8);
    directory.writeUInt16LE(type, 14);
    directory.writeUInt32LE(block.length, 16);
    directory.writeUInt32LE(block.length, 20);
    return Buffer.concat([block, directory, Buffer.from([24, 0, 0, 0]), latin1('SEFT')]);
  }

  function photoMechanic(data = Buffer.alloc(2048)): Buffer {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    return Buffer.concat([data, size, latin1('cbipcbbl')]);
  }

  function canonRecipe(data: Buffer): Buffer {
    const name = latin1('CANON OPTIONAL DATA\0');
    const size = Buffer.alloc(8);
    size.writeUInt32BE(data.length, 4);
    return Buffer.concat([name, size, data, name, Buffer.alloc(44, 1)]);
  }

  test.each([
    ['zeros to the end of a block', jpeg, [Buffer.alloc(70_000)]],
    ['the preview of Multi-Picture Format', announced, [jpeg]],
    [
      'two previews with padding',
      announced,
      [Buffer.alloc(513), jpeg, Buffer.alloc(100), jpeg, Buffer.alloc(9)],
    ],
    ['a gain map, announced in XMP', withSegments(jpeg, gainXmp), [small]],
    ['a gain map and a video', withSegments(jpeg, mpf, motionXmp), [small, video()]],
    ['the video of a Motion Photo', motion, [video()]],
    ['a video behind padding', motion, [Buffer.alloc(77), video(), Buffer.alloc(5)]],
    [
      'a video to the end of the file',
      motion,
      [video(), Buffer.from([0, 0, 0, 0]), latin1('mdat'), Buffer.alloc(50, 7)],
    ],
    ['scene data of Samsung', jpeg, [samsung(latin1('1700000000000'))]],
    ['a motion photo of Samsung', announced, [small, samsung(video())]],
    ['ratings of Photo Mechanic', jpeg, [photoMechanic()]],
    ['a recipe of Canon', jpeg, [canonRecipe(Buffer.alloc(500, 0x49))]],
    [
      'a recipe and ratings',
      jpeg,
      [canonRecipe(Buffer.alloc(500, 0x49)), photoMechanic(Buffer.alloc(50, 3))],
    ],
  ])('%s passes', (_name, first, rest) => {
    expect(codeOf(Buffer.concat([first, ...rest]))).toBe('ok');
  });

  const broken = (trailer: Buffer, at: number) => {
    const copy = Buffer.from(trailer);
    copy.writeUInt8((copy.readUInt8(copy.length + at) + 1) & 255, copy.length + at);
    return copy;
  };
  test.each([
    ['a picture that nothing announces', jpeg, [jpeg], 'image_polyglot'],
    ['a video that nothing announces', jpeg, [video()], 'image_polyglot'],
    ['a preview cut short', announced, [jpeg.subarray(0, -100)], 'image_truncated'],
    [
      'a preview that is a bomb',
      announced,
      [patch(jpeg, 0xc0, 1, 0xff, 0xdc, 0xff, 0xdc)],
      'image_too_large',
    ],
    [
      'script in the comment of a preview',
      announced,
      [withSegments(jpeg, segment(0xfe, '<script>'))],
      'image_polyglot',
    ],
    ['data behind a preview', announced, [jpeg, latin1('secret')], 'image_polyglot'],
    ['data between picture and preview', announced, [latin1('secret'), jpeg], 'image_polyglot'],
    [
      'more previews than any camera makes',
      announced,
      Array.from({ length: 40 }, () => small),
      'image_polyglot',
    ],
    ['data behind a video', motion, [video(), latin1('\x7fELF and more')], 'image_polyglot'],
    ['a video without its index', motion, [video().subarray(0, 3032)], 'image_polyglot'],
    ['a video in name only', motion, [box('ftyp', latin1('mp42')), latin1('secret')], 'image_polyglot'],
    ['an archive behind a video', motion, [video(), latin1('PK\x03\x04....')], 'image_polyglot'],
    ['scene data with a wrong length', jpeg, [broken(samsung(latin1('x')), -8)], 'image_polyglot'],
    ['scene data with a wrong count', jpeg, [broken(samsung(latin1('x')), -24)], 'image_polyglot'],
    ['scene data with a wrong distance', jpeg, [broken(samsung(latin1('x')), -16)], 'image_polyglot'],
    ['scene data of another type', jpeg, [broken(samsung(latin1('x')), -18)], 'image_polyglot'],
    ['data before scene data', jpeg, [latin1('secret'), samsung(latin1('x'))], 'image_polyglot'],
    ['PHP in scene data', jpeg, [samsung(latin1('<?php echo 1;'))], 'image_polyglot'],
    ['ratings of a wrong length', jpeg, [latin1('secret'), photoMechanic()], 'image_polyglot'],
    ['a page in ratings', jpeg, [photoMechanic(latin1('<html><script>'))], 'image_polyglot'],
    [
      'a recipe without its footer',
      jpeg,
      [canonRecipe(Buffer.alloc(500)).subarray(0, -64), Buffer.alloc(64, 1)],
      'image_polyglot',
    ],
    ['six bytes', jpeg, [latin1('secret')], 'image_polyglot'],
  ])('%s does not', (_name, first, rest, code) => {
    expect(codeOf(Buffer.concat([first, ...rest]))).toBe(code);
  });
});
