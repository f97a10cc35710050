import { describe, expect, test } from 'vitest';
import { coarsen, type Photo } from './coarse.ts';
import { Environment } from './environment.ts';
import { solveLighting } from './exposure.ts';
import { examplePhoto, exampleRoom, table } from './fixtures.ts';
import { ofByte } from './look.ts';
import { render } from './render.ts';
import { Shell } from './shell.ts';
import { comesThrough, type Sun } from './sun.ts';
import { View } from './view.ts';

async function study(name: string) {
  const photo = await examplePhoto(name, 500);
  const room = exampleRoom(name);
  const view = new View(room, photo.width, photo.height);
  const shell = new Shell(room);
  const coarse = coarsen(photo);
  const { sun } = solveLighting(coarse, view, room, new Environment(coarse, view, shell));
  return { photo, room, view, sun };
}

function sunOf({ sun }: { sun: Sun | undefined }): Sun {
  if (!sun) throw new Error('no sun was found');
  return sun;
}

describe('the sun', () => {
  test.each(['01-living-room', '03-dining-room', '05-open-plan'])(
    'of %s is where its beams through the windows meet the bright floor',
    async (name) => {
      const found = await study(name);
      const sun = sunOf(found);
      const { photo, view } = found;
      let [lit, met] = [0, 0];
      for (let v = 2; v < photo.height; v += 4)
        for (let u = 2; u < photo.width; u += 4) {
          view.aim(u, v);
          if (view.y >= 0) continue;
          const t = -view.eye / view.y;
          const [x, z] = [t * view.x, t * view.z];
          const level = photo.data[3 * (v * photo.width + u) + 1] ?? 0;
          if (z > 4.2 || level < 240) continue;
          lit += 1;
          if (comesThrough(sun, x, 0, z, 0.1)) met += 1;
        }
      expect(lit).toBeGreaterThan(100);
      expect(met / lit).toBeGreaterThan(0.65);
    },
  );

  test.each(['02-bedroom', '04-home-office', '09-hallway-portrait'])(
    'is not made up for %s, whose floor is bright only by day or as a mirror of the window',
    async (name) => {
      expect((await study(name)).sun).toBeUndefined();
    },
  );

  test('is kept from the floor by furniture in its beam, and nowhere else', async () => {
    const found = await study('03-dining-room');
    const { photo, room, view } = found;
    const sun = sunOf(found);
    const piece = table([0.6, 2.6], 0);
    const { picture, furniture } = await render({
      photo,
      room,
      pieces: [piece],
      quality: 'preview',
      seed: 1,
    });
    const shaded = darkenedSun(photo, picture, furniture);
    expect(shaded.length).toBeGreaterThan(40);
    for (const n of shaded) {
      view.aim((n % photo.width) + 0.5, Math.floor(n / photo.width) + 0.5);
      const t = -view.eye / view.y;
      // Where the way to the sun is at half the height of the table: within reach of its top and legs.
      const x = t * view.x + (0.2 / sun.y) * sun.x - 0.6;
      const z = t * view.z + (0.2 / sun.y) * sun.z - 2.6;
      expect(Math.abs(x)).toBeLessThan(0.95);
      expect(Math.abs(z)).toBeLessThan(0.85);
    }
  });
});

/** Pixels beside furniture that were blown out and have lost most of their light. */
function darkenedSun(photo: Photo, picture: Uint8Array, furniture: Uint8Array): number[] {
  const found: number[] = [];
  for (let n = 0; n < furniture.length; n += 1) {
    const [before, after] = [ofByte(photo.data[3 * n + 1] ?? 0), ofByte(picture[3 * n + 1] ?? 0)];
    if (furniture[n] === 0 && before > 0.9 && after < 0.5 * before) found.push(n);
  }
  return found;
}
