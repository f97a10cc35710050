import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { isDrawn } from './drawn.ts';
import { loadPicture } from './reading.fixture.ts';

const WIDTH = 1280;
const HEIGHT = 860;

/** As a screen of two pixels a point shows it: letters have soft edges. */
function screen(body: string, background = '#fff'): Sharp {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${2 * WIDTH}" height="${2 * HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="16"><rect width="100%" height="100%" fill="${background}"/>${body}</svg>`;
  return sharp(Buffer.from(svg));
}

const lines = (count: number, x: number, y: number, step: number, fill: string) =>
  Array.from(
    { length: count },
    (_, n) =>
      `<text x="${x}" y="${y + n * step}" fill="${fill}">${n + 1}. The survey of the flat took place in March; rooms were measured.</text>`,
  ).join('');

const grid = (columns: number, rows: number) =>
  Array.from({ length: columns * rows }, (_, n) => {
    const [x, y] = [(n % columns) * 98, 40 + Math.floor(n / columns) * 26];
    return `<rect x="${x}" y="${y}" width="98" height="26" fill="#fff" stroke="#ddd"/><text x="${x + 8}" y="${y + 18}" font-size="13">${((n * 7.3) % 97).toFixed(2)}</text>`;
  }).join('');

const bubbles = (fill: readonly string[], text: string) =>
  Array.from(
    { length: 11 },
    (_, n) =>
      `<rect x="${n % 3 ? 30 : 420}" y="${20 + n * 76}" width="700" height="62" rx="12" fill="${fill[n % 2]}"/><text x="${n % 3 ? 50 : 440}" y="${56 + n * 76}" fill="${text}">Shall we meet at the flat at ${n + 8}? The keys are with the agent.</text>`,
  ).join('');

const plan =
  '<path d="M100 100H1100V760H100Z M600 100V400 M600 480V760 M100 420H380 M460 420H600 M600 300H820" fill="none" stroke="#222" stroke-width="9"/><text x="250" y="260">Living room 24.3 m²</text><text x="780" y="200">Bath 6 m²</text><text x="780" y="560">Bedroom 18 m²</text>';

const drawn: readonly (readonly [name: string, picture: () => Sharp])[] = [
  [
    'a page of a browser',
    () => screen(`<rect width="1280" height="50" fill="#246"/>${lines(27, 260, 90, 28, '#222')}`),
  ],
  [
    'a page of a document',
    () =>
      screen(
        `<rect x="280" y="20" width="720" height="840" fill="#fff"/>${lines(28, 330, 90, 26, '#111')}`,
        '#525659',
      ),
  ],
  ['a chat', () => screen(bubbles(['#fff', '#dcf8c6'], '#111'), '#e5ddd5')],
  ['a dark chat', () => screen(bubbles(['#202c33', '#005c4b'], '#e9edef'), '#0b141a')],
  ['a floor plan', () => screen(plan)],
  ['a spreadsheet', () => screen(grid(13, 31), '#eee')],
];

test.each(drawn)('%s is drawn, also when it was made smaller or saved as JPEG', async (_, make) => {
  const page = await make().png().toBuffer();
  expect(isDrawn(await loadPicture(sharp(page)))).toBe(true);
  const small = await sharp(page).resize(WIDTH).jpeg({ quality: 60 }).toBuffer();
  expect(isDrawn(await loadPicture(sharp(small)))).toBe(true);
});

const photos = resolve(import.meta.dirname, '../../../../../examples/photos');

test('photos are not, whether their light is right, too much or too little', async () => {
  for (const name of readdirSync(photos).filter((file) => file.endsWith('.jpg'))) {
    const picture = await loadPicture(sharp(join(photos, name)));
    for (const light of [0.1, 1, 1.8]) {
      const rgb = picture.rgb.map((level) => Math.min(255, Math.round(level * light)));
      expect(isDrawn({ ...picture, rgb }), `${name} ${light}`).toBe(false);
    }
  }
});
