import { createHash } from 'node:crypto';
import { encode } from 'jpeg-js';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { textWidth } from '../io/text.ts';
import { put } from '../testing/images.ts';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';
import { type Bitmap, decodeJpeg, resize } from './bitmap.ts';
import { drawPair } from './draw.ts';
import { encodePng } from './png.ts';
import { choosePictures, type Shown } from './protocol.ts';
import { blockLines, itermSequence, kittySequence } from './sequences.ts';

const ESC = '\u001b';
const TRUE = { COLORTERM: 'truecolor' };

describe('how a terminal shows pictures', () => {
  test.each<[string, Record<string, string>, string | undefined]>([
    ['kitty', { TERM: 'xterm-kitty', KITTY_WINDOW_ID: '1' }, 'kitty'],
    ['kitty over ssh', { TERM: 'xterm-kitty' }, 'kitty'],
    ['ghostty', { TERM: 'xterm-ghostty' }, 'kitty'],
    ['iTerm2', { TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' }, 'iterm2'],
    ['iTerm2 over ssh', { TERM: 'xterm-256color', LC_TERMINAL: 'iTerm2' }, 'iterm2'],
    ['WezTerm', { TERM: 'xterm-256color', TERM_PROGRAM: 'WezTerm' }, 'iterm2'],
    ['a terminal with all colours', { TERM: 'xterm', ...TRUE }, 'blocks'],
    ['one with 256', { TERM: 'xterm-256color' }, 'blocks'],
    ['one with sixteen', { TERM: 'xterm' }, undefined],
    ['none that is known', {}, undefined],
    ['kitty in tmux', { TERM: 'tmux-256color', KITTY_WINDOW_ID: '1', TMUX: '/tmp/x,1,0' }, 'blocks'],
    ['iTerm2 in screen', { TERM: 'screen-256color', TERM_PROGRAM: 'iTerm.app' }, 'blocks'],
    ['dumb', { TERM: 'dumb', ...TRUE }, undefined],
    ['kitty with NO_COLOR', { TERM: 'xterm-kitty', NO_COLOR: '1' }, undefined],
    ['kitty in CI', { TERM: 'xterm-kitty', CI: 'true' }, undefined],
    ['kitty with CI=false', { TERM: 'xterm-kitty', CI: 'false' }, 'kitty'],
  ])('%s', (_name, env, protocol) => {
    expect(choosePictures({ isTTY: true, env, setting: 'auto' })?.protocol).toBe(protocol);
    expect(choosePictures({ isTTY: false, env, setting: 'auto' })).toBeUndefined();
    expect(choosePictures({ isTTY: true, env, setting: 'off' })).toBeUndefined();
  });

  test('what is set wins over what the terminal says, but for a pipe and a dumb one', () => {
    const env = { TERM: 'xterm', CI: '1' };
    expect(choosePictures({ isTTY: true, env, setting: 'iterm2' })).toEqual({
      protocol: 'iterm2',
      depth: '256',
    });
    expect(choosePictures({ isTTY: false, env, setting: 'iterm2' })).toBeUndefined();
    expect(choosePictures({ isTTY: true, env: { TERM: 'dumb' }, setting: 'blocks' })).toBeUndefined();
  });
});

/** Red above blue, two columns wide. */
const FLAG: Bitmap = { data: Uint8Array.of(255, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 255), width: 2, height: 2 };
const plain = (width: number, height: number, colour: readonly number[]): Bitmap => ({
  data: Uint8Array.from({ length: 3 * width * height }, (_, n) => colour[n % 3] ?? 0),
  width,
  height,
});

describe('what is sent to it', () => {
  test('kitty: one command with its keys, or several that are marked as more to come', () => {
    expect(kittySequence(Buffer.from('abc'), 40)).toBe(`${ESC}_Ga=T,f=100,q=2,c=40,m=0;YWJj${ESC}\\`);
    const long = kittySequence(Buffer.alloc(7000, 'x'), 40);
    const commands = long.split(`${ESC}\\`).slice(0, -1);
    expect(commands.map((command) => command.slice(0, command.indexOf(';')))).toEqual([
      `${ESC}_Ga=T,f=100,q=2,c=40,m=1`,
      `${ESC}_Gm=1`,
      `${ESC}_Gm=0`,
    ]);
    const data = commands.map((command) => command.slice(command.indexOf(';') + 1));
    expect(data.every((part) => part.length <= 4096)).toBe(true);
    expect(Buffer.from(data.join(''), 'base64')).toEqual(Buffer.alloc(7000, 'x'));
  });

  test('iTerm2: an inline file with its size and width', () => {
    expect(itermSequence(Buffer.from('abc'), 40)).toBe(
      `${ESC}]1337;File=inline=1;size=3;width=40;preserveAspectRatio=1:YWJj\u0007`,
    );
  });

  test('blocks: two pixels a character, each colour said once, and the colours given back', () => {
    expect(blockLines(FLAG, 'true')).toEqual([`${ESC}[38;2;255;0;0;48;2;0;0;255m▀▀${ESC}[0m`]);
    expect(blockLines(FLAG, '256')).toEqual([`${ESC}[38;5;196;48;5;21m▀▀${ESC}[0m`]);
    expect(blockLines(plain(1, 2, [128, 128, 128]), '256')).toEqual([`${ESC}[38;5;244;48;5;244m▀${ESC}[0m`]);
  });

  test('a PNG is one: the pictures, and a gap that is seen through', async () => {
    const png = encodePng([FLAG, plain(2, 2, [1, 2, 3])], 1);
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    expect(info).toMatchObject({ width: 5, height: 2, channels: 4 });
    expect([...data.subarray(0, 20)]).toEqual([
      255, 0, 0, 255, 255, 0, 0, 255, 0, 0, 0, 0, 1, 2, 3, 255, 1, 2, 3, 255,
    ]);
  });

  test('a picture is made smaller by the mean of what each pixel covers', () => {
    const four: Bitmap = {
      data: Uint8Array.of(0, 0, 0, 100, 0, 0, 0, 200, 0, 100, 200, 40),
      width: 2,
      height: 2,
    };
    expect([...resize(four, 1, 1).data]).toEqual([50, 100, 10]);
    expect(resize(plain(7, 5, [9, 8, 7]), 30, 20)).toEqual(plain(30, 20, [9, 8, 7]));
  });
});

const BLOCKS: Shown = { protocol: 'blocks', depth: 'true' };

describe('before and after', () => {
  test.each([
    [80, 1200, 800],
    [80, 800, 1200],
    [40, 1200, 800],
    [300, 1200, 800],
    [30, 1600, 600],
  ])('fit into %d columns, for %d × %d pixels', (columns, width, height) => {
    const picture = plain(width, height, [1, 2, 3]);
    const lines = drawPair(picture, picture, columns, BLOCKS).split('\n');
    const widths = lines.slice(1).map(textWidth);
    expect(new Set(widths).size).toBe(1);
    expect(widths[0]).toBeLessThanOrEqual(columns);
    expect(lines.length).toBeLessThanOrEqual(24);
    const one = ((widths[0] ?? 0) - 2) / 2;
    // A character is about twice as high as it is wide.
    expect(Math.abs(one / (2 * (lines.length - 1)) - width / height) * (height / width)).toBeLessThan(0.35);
    expect(lines[0]?.indexOf('after')).toBe(one + 2);
  });

  test('the result alone, where there is no before', () => {
    const text = drawPair(undefined, plain(120, 80, [1, 2, 3]), 80, BLOCKS);
    expect(text.startsWith('after\n')).toBe(true);
  });

  test.each(['kitty', 'iterm2'] as const)('for %s it is one picture over all columns', (protocol) => {
    const picture = plain(120, 80, [1, 2, 3]);
    const text = drawPair(picture, picture, 80, { protocol, depth: 'true' });
    expect(text).toMatch(protocol === 'kitty' ? /c=80,/ : /width=80;/);
  });

  test('what is no JPEG is refused', async () => {
    await expect(decodeJpeg(Buffer.from('no picture'))).rejects.toThrow();
  });
});

/** Puts an image that is ready, with small pictures, into the fake API. */
function putPictured(desk: Desk) {
  const outputs = ['thumbnail', 'before'].map((name, n) => {
    const data = Buffer.alloc(4 * 48 * 32, n === 0 ? 200 : 50);
    const bytes = encode({ data, width: 48, height: 32 }, 90).data;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { name, contentType: 'image/jpeg', size: bytes.length, sha256, width: 48, height: 32, bytes };
  });
  const image = put(desk, { state: 'ready', outputs: outputs.map(({ bytes: _, ...output }) => output) });
  for (const { name, bytes } of outputs) desk.api.state.objects.set(`${image.id}.${name}`, bytes);
  return image;
}

describe('stager images get', () => {
  const COLOURS = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

  test('shows them below the words on a terminal, and nowhere else', async () => {
    const desk = await setUpDesk();
    const { id } = putPictured(desk);
    const env = { ...desk.env, ...COLOURS };
    const get = (more: string[] = [], to: object = { terminal: true }, and: object = {}) =>
      speak(['images', 'get', id, ...more], { ...env, ...and }, to);
    const shown = (await get()).stdout;
    expect(shown).toMatch(/Output[\s\S]*before +after\n[\s\S]*▀/);
    expect((await get([], { terminal: true }, { TERM: 'xterm-kitty' })).stdout).toContain(`${ESC}_Ga=T`);
    const without = [
      await get(['--no-pictures']),
      await get(['--json']),
      await get([], {}),
      await get([], { terminal: true }, { NO_COLOR: '1' }),
      await get([], { terminal: true }, { CI: '1' }),
    ];
    for (const { stdout, code } of without) {
      expect(code).toBe(0);
      expect(stdout).not.toMatch(/▀|_G|1337/);
    }
    await speak(['config', 'set', 'pictures', 'off'], env);
    expect((await get()).stdout).not.toContain('▀');
    await speak(['config', 'set', 'pictures', 'iterm2'], env);
    expect((await get()).stdout).toContain(`${ESC}]1337;File=inline=1`);
    expect((await speak(['config', 'set', 'pictures', 'big'], env)).code).toBe(2);
  });

  test('a picture that cannot be had or read costs the words nothing', async () => {
    const desk = await setUpDesk();
    const image = putPictured(desk);
    desk.api.state.objects.set(`${image.id}.thumbnail`, Buffer.from('no picture'));
    const { code, stdout } = await speak(
      ['images', 'get', image.id],
      { ...desk.env, ...COLOURS },
      { terminal: true },
    );
    expect(code).toBe(0);
    expect(stdout).toContain(image.id);
    expect(stdout).not.toContain('▀');
  });

  test('of an upload that waited, those that are ready come before the summary', async () => {
    const catalog = (await import('@stager/sdk/testing')).FAKE_CATALOG;
    const [first, ...others] = catalog.engines;
    if (!first) throw new Error('no engine');
    const outputs = [{ name: 'thumbnail', contentType: 'image/jpeg', description: 'Small' }];
    const desk = await setUpDesk({ catalog: { ...catalog, engines: [{ ...first, outputs }, ...others] } });
    const jpeg = encode({ data: Buffer.alloc(4 * 48 * 32, 90), width: 48, height: 32 }, 90).data;
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(`${desk.dir}/in`);
    for (const letter of 'abcdefg')
      writeFileSync(`${desk.dir}/in/${letter}.jpg`, Buffer.concat([jpeg, Buffer.from(letter)]));
    const out = `${desk.dir}/my results`;
    const args = ['upload', `${desk.dir}/in`, '--wait', '--out', out];
    const { stdout } = await speak(args, { ...desk.env, ...COLOURS }, { terminal: true });
    expect(stdout).toMatch(/a\.jpg[\s\S]*▀[\s\S]*f\.jpg[\s\S]*▀[\s\S]*7 images are ready/);
    expect(stdout).not.toContain('g.jpg');
    expect(stdout).toContain(`1 more: stager open '${out}'`);
  });
});
