import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import readExif from 'exif-reader';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharp } from '../sharp.ts';
import { EngineError } from '../types.ts';
import { finish } from './engine.ts';

const WIDTH = 300;
const HEIGHT = 200;
let dir = '';
let runs = 0;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stager-finish-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** A neutral, well exposed room in greys, with a red patch at the top left. */
function room(channels: 3 | 4 = 3) {
  const data = Buffer.alloc(WIDTH * HEIGHT * channels, 255);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      const grey = 114 + Math.round((140 * (x + y)) / (WIDTH + HEIGHT));
      const red = x < 60 && y < 40;
      data.set(red ? [200, 60, 50] : [grey, grey, grey], channels * (y * WIDTH + x));
    }
  }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

async function run(originalPath: string, params: Record<string, string | number | boolean> = {}) {
  const workDir = join(dir, `run-${runs++}`);
  await mkdir(workDir);
  const seen: [number, string][] = [];
  const result = await finish.run(
    {
      originalPath,
      contentType: 'image/jpeg',
      width: 1,
      height: 1,
      roomType: null,
      style: null,
      seed: 0,
      variation: 0,
      params,
    },
    {
      workDir,
      signal: new AbortController().signal,
      progress: (fraction, stage) => seen.push([fraction, stage]),
    },
  );
  const [main, thumbnail] = result.outputs;
  if (!main || !thumbnail) throw new Error('expected two outputs');
  return { result, main, thumbnail, seen };
}

async function save(name: string, picture: ReturnType<typeof room>): Promise<string> {
  const path = join(dir, name);
  await picture.toFile(path);
  return path;
}

/** The value at a pixel as it is stored, without a conversion. */
async function pixelAt(path: string, x: number, y: number): Promise<number[]> {
  const { data, info } = await sharp(path).keepIccProfile().raw().toBuffer({ resolveWithObject: true });
  return [...data.subarray(info.channels * (y * info.width + x)).subarray(0, info.channels)];
}

function near(actual: readonly number[], wanted: readonly number[], tolerance = 6) {
  expect(actual).toHaveLength(wanted.length);
  for (const [i, value] of wanted.entries())
    expect(Math.abs((actual[i] ?? -99) - value)).toBeLessThanOrEqual(tolerance);
}

describe('what finish gives', () => {
  test('two files, progress to the end, and what was done', async () => {
    const { result, main, thumbnail, seen } = await run(
      await save('plain.jpg', room().jpeg({ quality: 95 })),
    );
    expect(main).toMatchObject({ name: 'finished', contentType: 'image/jpeg', width: WIDTH, height: HEIGHT });
    expect(thumbnail).toMatchObject({
      name: 'thumbnail',
      contentType: 'image/jpeg',
      width: WIDTH,
      height: HEIGHT,
    });
    expect(finish.descriptor.outputs.map((output) => output.name)).toEqual(
      result.outputs.map((output) => output.name),
    );
    expect(seen.at(-1)).toEqual([1, 'done']);
    expect(seen.map(([fraction]) => fraction)).toEqual(seen.map(([fraction]) => fraction).toSorted());
    expect(result.info).toMatchObject({ width: WIDTH, height: HEIGHT, colourProfile: 'sRGB' });
    near(await pixelAt(main.path, 150, 100), [184, 184, 184]);
  });

  test('the same photo gives the same bytes', async () => {
    const path = await save('same.jpg', room().jpeg());
    const [first, second] = [await run(path), await run(path)];
    for (const index of [0, 1]) {
      const [a, b] = [first.result.outputs[index], second.result.outputs[index]];
      expect((await readFile(a?.path ?? '')).equals(await readFile(b?.path ?? ''))).toBe(true);
    }
  });

  test('a dark photo becomes brighter and is not cut off at white', async () => {
    const path = await save('dark.jpg', room().linear(0.45, 0).jpeg({ quality: 95 }));
    const { result, main } = await run(path);
    expect(result.info['exposureEv']).toBeGreaterThan(0.5);
    const [before, after] = [await pixelAt(path, 299, 199), await pixelAt(main.path, 299, 199)];
    expect(after[0]).toBeGreaterThan((before[0] ?? 255) + 20);
    expect(after[0]).toBeLessThan(255);
  });
});

describe('size and format', () => {
  test('fits inside the long edge and makes a thumbnail of 512 pixels', async () => {
    const path = await save('wide.png', room().resize(1800, 1200).png());
    const { main, thumbnail } = await run(path, { longEdge: 900 });
    expect([main.width, main.height]).toEqual([900, 600]);
    expect([thumbnail.width, thumbnail.height]).toEqual([512, 341]);
    expect(await sharp(main.path).metadata()).toMatchObject({
      format: 'jpeg',
      width: 900,
      height: 600,
      chromaSubsampling: '4:2:0',
    });
  });

  test('writes PNG when asked', async () => {
    const { main } = await run(await save('to-png.jpg', room().jpeg()), { format: 'png' });
    expect(main.contentType).toBe('image/png');
    expect((await sharp(main.path).metadata()).format).toBe('png');
  });

  test.each(['webp', 'avif', 'png'] as const)('reads %s', async (format) => {
    const { main } = await run(await save(`in.${format}`, room().toFormat(format, { quality: 90 })));
    near(await pixelAt(main.path, 150, 100), [184, 184, 184]);
  });

  test('turns a photo upright and leaves no orientation behind', async () => {
    const path = await save('turned.jpg', room().withMetadata({ orientation: 6 }).jpeg({ quality: 95 }));
    const { main } = await run(path);
    expect([main.width, main.height]).toEqual([HEIGHT, WIDTH]);
    expect((await sharp(main.path).metadata()).orientation ?? 1).toBe(1);
    // What was at the top left is at the top right now.
    const [r = 0, g = 0] = await pixelAt(main.path, HEIGHT - 10, 10);
    expect(r - g).toBeGreaterThan(100);
  });
});

describe('colour', () => {
  test.each(['jpeg', 'png'])('Display P3 stays Display P3 with the same values (%s)', async (format) => {
    const path = await save(
      `p3-${format}.jpg`,
      room().withIccProfile('p3').jpeg({ quality: 95, chromaSubsampling: '4:4:4' }),
    );
    const { main, thumbnail, result } = await run(path, { format });
    const before = (await sharp(path).metadata()).icc;
    expect(before?.length).toBeGreaterThan(100);
    for (const output of [main, thumbnail]) {
      expect((await sharp(output.path).metadata()).icc?.equals(before ?? Buffer.alloc(0))).toBe(true);
    }
    near(await pixelAt(main.path, 20, 20), await pixelAt(path, 20, 20), 8);
    near(await pixelAt(main.path, 200, 150), await pixelAt(path, 200, 150));
    expect(result.info['colourProfile']).not.toBe('sRGB');
  });

  test('CMYK becomes sRGB', async () => {
    const path = await save('cmyk.jpg', room().toColourspace('cmyk').jpeg({ quality: 95 }));
    expect((await sharp(path).metadata()).space).toBe('cmyk');
    const { main } = await run(path);
    expect(await sharp(main.path).metadata()).toMatchObject({ space: 'srgb', channels: 3 });
    near(await pixelAt(main.path, 150, 100), [184, 184, 184], 12);
  });

  test('grey becomes sRGB', async () => {
    const { main } = await run(await save('grey.jpg', room().toColourspace('b-w').jpeg({ quality: 95 })));
    near(await pixelAt(main.path, 150, 100), [184, 184, 184]);
  });

  test('sixteen bits become eight', async () => {
    const { main } = await run(await save('deep.png', room().toColourspace('rgb16').png()), {
      format: 'png',
    });
    expect((await sharp(main.path).metadata()).depth).toBe('uchar');
    near(await pixelAt(main.path, 150, 100), [184, 184, 184]);
  });

  test('what is transparent becomes white', async () => {
    const { main } = await run(
      await save(
        'clear.png',
        room(4)
          .ensureAlpha()
          .composite([
            {
              input: { create: { width: 100, height: 100, channels: 4, background: '#000' } },
              blend: 'dest-out',
              left: 100,
              top: 50,
            },
          ])
          .png(),
      ),
    );
    expect(await pixelAt(main.path, 150, 100)).toEqual([255, 255, 255]);
  });
});

describe('metadata', () => {
  const EXIF = {
    IFD0: {
      Make: 'Acme',
      Model: 'Camera 9',
      ImageDescription: 'Kitchen,\nfrom the door',
      Artist: 'Jane Doe',
      Copyright: '2024 Doe & Sons',
      Software: 'Editor 1',
    },
    IFD2: {
      DateTimeOriginal: '2024:05:06 07:08:09',
      ExposureTime: '1/60',
      FNumber: '28/10',
      ISOSpeedRatings: '200',
      FocalLength: '24/1',
      LensModel: 'Wide 24',
      UserComment: 'the key is under the mat',
      BodySerialNumber: '12345678',
      LensSerialNumber: '87654321',
      CameraOwnerName: 'John Roe',
    },
    IFD3: {
      GPSLatitudeRef: 'N',
      GPSLatitude: '48/1 51/1 0/1',
      GPSLongitudeRef: 'E',
      GPSLongitude: '2/1 21/1 0/1',
    },
  };

  const SECRETS = ['under the mat', '12345678', '87654321', 'John Roe', 'Editor 1'];

  test.each(['jpeg', 'png'])(
    'keeps how the photo was taken and whose work it is, and neither where nor with which camera of many (%s)',
    async (format) => {
      const xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><secret>under the mat</secret></x:xmpmeta>';
      const path = await save(`exif-${format}.jpg`, room().withExif(EXIF).withXmp(xmp).jpeg());
      const source = await sharp(path).metadata();
      expect(source.xmp).toBeDefined();
      for (const secret of SECRETS) expect(await readFile(path, 'latin1')).toContain(secret);
      expect(readExif(source.exif ?? Buffer.alloc(0)).GPSInfo).toBeDefined();

      const { main, thumbnail } = await run(path, { format });
      const metadata = await sharp(main.path).metadata();
      const exif = readExif(metadata.exif ?? Buffer.alloc(0));
      expect(exif.Image).toMatchObject({
        ImageDescription: 'Kitchen, from the door',
        Make: 'Acme',
        Model: 'Camera 9',
        Artist: 'Jane Doe',
        Copyright: '2024 Doe & Sons',
        Orientation: 1,
      });
      expect(exif.Photo).toMatchObject({
        DateTimeOriginal: new Date('2024-05-06T07:08:09Z'),
        ExposureTime: 1 / 60,
        FNumber: 2.8,
        ISOSpeedRatings: 200,
        FocalLength: 24,
        LensModel: 'Wide 24',
        ColorSpace: 1,
      });
      expect(exif.GPSInfo).toBeUndefined();
      expect(exif.Thumbnail).toBeUndefined();
      expect(metadata.xmp).toBeUndefined();
      for (const output of [main, thumbnail]) {
        const bytes = await readFile(output.path, 'latin1');
        for (const secret of SECRETS) expect(bytes).not.toContain(secret);
      }
      expect((await sharp(thumbnail.path).metadata()).exif).toBeUndefined();
    },
  );
});

describe('what finish refuses', () => {
  async function failure(path: string, params = {}): Promise<EngineError> {
    try {
      await run(path, params);
    } catch (error) {
      if (error instanceof EngineError) return error;
      throw error;
    }
    throw new Error('the run did not fail');
  }

  test('a photo that is cut short', async () => {
    const path = await save('whole.jpg', room().jpeg());
    const cut = join(dir, 'cut.jpg');
    await writeFile(cut, (await readFile(path)).subarray(0, 1500));
    expect(await failure(cut)).toMatchObject({
      code: 'image_corrupt',
      retryable: false,
      hint: expect.any(String),
    });
  });

  test.each([
    ['text', 'not a picture'],
    ['nothing', ''],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  ])('a file with %s in it', async (name, content) => {
    const path = join(dir, `${name}.jpg`);
    await writeFile(path, content);
    expect(await failure(path)).toMatchObject({ code: 'image_corrupt', retryable: false });
  });

  test('formats that uploads cannot have, whatever the file is called', async () => {
    const path = join(dir, 'gif.jpg');
    await writeFile(path, Buffer.from('R0lGODlhAQABAAAAACwAAAAAAQABAAACAkQBADs=', 'base64'));
    expect(await failure(path)).toMatchObject({ code: 'image_corrupt' });
  });

  test('a header that announces more pixels than any camera has', async () => {
    const png = await readFile(await save('bomb.png', room().png()));
    png.writeUInt32BE(60_000, 16);
    png.writeUInt32BE(60_000, 20);
    const { crc32 } = await import('node:zlib');
    png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
    const path = join(dir, 'bomb2.png');
    await writeFile(path, png);
    expect(await failure(path)).toMatchObject({ code: 'image_too_large', retryable: false });
  });

  test('a file that is not there may be there later', async () => {
    expect(await failure(join(dir, 'none.jpg'))).toMatchObject({ code: 'original_missing', retryable: true });
  });

  test('params that its descriptor does not have', async () => {
    const path = await save('params.jpg', room().jpeg());
    expect(await failure(path, { longEdge: 10 })).toMatchObject({
      code: 'invalid_params',
      message: /longEdge/,
    });
  });

  test('to go on after an abort', async () => {
    const originalPath = await save('abort.jpg', room().jpeg());
    const input = {
      originalPath,
      contentType: 'image/jpeg',
      width: 1,
      height: 1,
      roomType: null,
      style: null,
      seed: 0,
      variation: 0,
      params: {},
    };
    const context = { workDir: dir, signal: AbortSignal.abort(), progress: () => undefined };
    await expect(finish.run(input, context)).rejects.toMatchObject({ name: 'AbortError' });
  });
});
