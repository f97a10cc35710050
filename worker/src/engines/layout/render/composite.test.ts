import { expect, test } from 'vitest';
import { applyShadow, type Layers } from './composite.ts';
import { exampleRoom } from './fixtures.ts';
import { ofByte } from './look.ts';
import { ShadowMap } from './shadowMap.ts';
import { FLOOR, WALL } from './shell.ts';
import { View } from './view.ts';

const [width, height] = [200, 100];

test('the foot of a wall between a dark floor and a light wall is a line, not a flight of steps', () => {
  const foot = (x: number) => 40.3 + x / 31;
  const surfaceAt = (u: number, v: number) => (v > foot(u) ? FLOOR : WALL);
  const map = new ShadowMap(new View(exampleRoom('01-living-room'), width, height));
  for (let n = 0; n < map.surface.length; n += 1) {
    const [u, v] = [map.step * ((n % map.width) + 0.5), map.step * (Math.floor(n / map.width) + 0.5)];
    map.surface[n] = surfaceAt(u, v) + 2;
    map.ratio.fill(surfaceAt(u, v) === FLOOR ? 0.3 : 0.9, 3 * n, 3 * n + 3);
  }
  const data = new Uint8Array(3 * width * height).fill(200);
  const layers: Layers = {
    picture: Uint8Array.from(data),
    furniture: new Uint8Array(width * height),
    shadow: new Uint8Array(width * height),
  };
  applyShadow({ width, height, data }, map, layers, surfaceAt);
  // How far down the wall reaches in each column, by the light that is left there.
  for (let x = 2; x < width - 2; x += 1) {
    let light = 0;
    for (let y = 30; y < 60; y += 1) light += ofByte(layers.picture[3 * (y * width + x)] ?? 0) / ofByte(200);
    const reached = 30 + (light - 0.3 * 30) / 0.6;
    expect(Math.abs(reached - foot(x + 0.5))).toBeLessThan(0.45);
  }
});
