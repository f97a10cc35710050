import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { type Outcome, overlapOf, readPhoto, truthOf } from './reading.fixture.ts';

/*
 * What people send besides a level photo of an empty room: it is read right, or refused with the word that says why. All
 * are made from the example rooms.
 */

const photos = resolve(import.meta.dirname, '../../../../../examples/photos');
const open = (name: string) => sharp(join(photos, `${name}.jpg`));

const svg = (width: number, height: number, body: string) =>
  Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`);

/** Bends straight lines outwards as a fisheye lens does. */
async function fisheye(name: string): Promise<Sharp> {
  const { data, info } = await open(name).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const out = Buffer.alloc(data.length);
  const half = Math.hypot(width, height) / 2;
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1) {
      const dx = (x - width / 2) / half;
      const dy = (y - height / 2) / half;
      const far = 1 + 0.45 * (dx * dx + dy * dy);
      const sx = Math.round(width / 2 + dx * far * half * 0.7);
      const sy = Math.round(height / 2 + dy * far * half * 0.7);
      if (sx < 0 || sy < 0 || sx >= width || sy >= height) continue;
      data.copy(out, (y * width + x) * 3, (sy * width + sx) * 3, (sy * width + sx) * 3 + 3);
    }
  return sharp(out, { raw: { width, height, channels: 3 } });
}

/** A sofa and a table of flat colours. */
const furniture = svg(
  1200,
  800,
  `<path d="M150 790 V620 L200 580 H430 L480 620 V790 Z" fill="#5a2d2d"/>
   <path d="M150 660 H480 M315 580 V790 M200 580 V790 M430 580 V790" stroke="#2a1010" stroke-width="6"/>
   <path d="M560 640 H900 V665 H880 V790 H860 V665 H600 V790 H580 V665 H560 Z" fill="#1c3a2a"/>`,
);

const text = Array.from(
  { length: 26 },
  (_, n) =>
    `<text x="60" y="${90 + n * 26}" font-size="18">Invoice line ${n}: cleaning, keys and a floor plan</text>`,
).join('');

const odd: readonly [name: string, make: () => Promise<Sharp> | Sharp, expected: Outcome, truth?: string][] =
  [
    ['a portrait', () => open('09-hallway-portrait'), 'room', '09-hallway-portrait'],
    ['an L-shaped room', () => open('05-open-plan'), 'room', '05-open-plan'],
    ['an attic', () => open('07-attic'), 'room', '07-attic'],
    ['a panorama', () => open('03-dining-room').resize(2400, 500, { fit: 'fill' }), 'geometry_uncertain'],
    ['a fisheye', () => fisheye('02-bedroom'), 'geometry_uncertain'],
    [
      'a camera rolled by 12 degrees',
      async () =>
        sharp(await open('02-bedroom').rotate(12).png().toBuffer()).extract({
          left: 230,
          top: 190,
          width: 880,
          height: 600,
        }),
      'geometry_uncertain',
    ],
    ['a photo nearly black', () => open('01-living-room').linear(0.06, 0), 'geometry_uncertain'],
    ['a photo blown out', () => open('01-living-room').linear(6, 0), 'geometry_uncertain'],
    ['a furnished room', () => open('01-living-room').composite([{ input: furniture }]), 'furnished'],
    [
      'a bathroom without floor in the picture',
      () => open('06-kitchen-living').extract({ left: 0, top: 0, width: 1200, height: 540 }),
      'geometry_uncertain',
    ],
    [
      'a screenshot',
      () =>
        sharp(
          svg(
            1200,
            800,
            `<rect width="1200" height="800" fill="#f4f4f4"/><rect width="1200" height="50" fill="#246"/>${text}`,
          ),
        ),
      'not_a_room',
    ],
    [
      'a black frame',
      () => sharp({ create: { width: 1200, height: 800, channels: 3, background: '#000' } }),
      'not_a_room',
    ],
    [
      'a camera rolled by 3 degrees',
      async () =>
        sharp(await open('02-bedroom').rotate(3).png().toBuffer()).extract({
          left: 60,
          top: 70,
          width: 1120,
          height: 720,
        }),
      'room',
    ],
    ['8000 by 6000 pixels', () => open('02-bedroom').resize(8000, 6000, { fit: 'cover' }), 'room'],
    [
      '200 by 150 pixels',
      async () => sharp(await open('02-bedroom').resize(200, 150, { fit: 'cover' }).png().toBuffer()),
      'geometry_uncertain',
    ],
    ['8000 by 5333 pixels', () => open('02-bedroom').resize(8000, 5333), 'room', '02-bedroom'],
    [
      '200 by 133 pixels',
      async () => sharp(await open('02-bedroom').resize(200).png().toBuffer()),
      'geometry_uncertain',
    ],
    [
      '320 by 213 pixels',
      async () => sharp(await open('02-bedroom').resize(320).png().toBuffer()),
      'room',
      '02-bedroom',
    ],
  ];

test.each(odd)('%s', async (_, make, expected, truth) => {
  const { read, picture } = await readPhoto(await make());
  expect(read.kind).toBe(expected);
  if (read.kind !== 'room') expect(read.why).toMatch(/\.$/);
  else if (truth)
    expect(
      overlapOf(truthOf(join(photos, `${truth}.camera.json`), picture), read.floor, picture),
    ).toBeGreaterThan(0.85);
});
