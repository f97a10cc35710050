import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type Layout, ValidationError } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { put } from '../testing/images.ts';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';
import { photoBytes, writePhotos } from '../testing/photos.ts';
import { explain } from './layouts.ts';

const LAYOUT = {
  version: 1,
  roomType: 'bedroom',
  style: 'modern',
  seed: 3,
  variation: 0,
  pieces: [{ kind: 'sofa', at: [0, 3], turn: 0, size: [2, 0.9, 0.8] }],
};
const TEXT = `${JSON.stringify(LAYOUT, undefined, 2)}\n`;

/** An image that is ready, with a layout. */
async function setUpFurnished(): Promise<Desk & { readonly id: string; readonly file: string }> {
  const desk = await setUpDesk({ outcome: ({ name }) => (name === 'fails.jpg' ? 'error' : 'ready') });
  const { state } = desk.api;
  const bytes = photoBytes(1);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const originalId = state.id('org');
  const about = { sha256, size: bytes.length, contentType: 'image/jpeg', width: 640, height: 480 } as const;
  state.originals.set(originalId, { id: originalId, ...about, createdAt: new Date(0).toISOString() });
  state.objects.set(sha256, bytes);
  const output = {
    name: 'layout',
    contentType: 'application/json',
    size: TEXT.length,
    sha256: createHash('sha256').update(TEXT).digest('hex'),
    width: 640,
    height: 480,
  };
  const image = put(desk, {
    engine: 'furnish',
    state: 'ready',
    originalId,
    params: { label: true },
    outputs: [output],
  });
  state.objects.set(`${image.id}.layout`, Buffer.from(TEXT));
  const file = `${desk.dir}/layout.json`;
  writeFileSync(file, TEXT);
  return { ...desk, id: image.id, file };
}

describe('stager images layout get', () => {
  test('prints what was stored, and writes it to a file', async () => {
    const { dir, env, id } = await setUpFurnished();
    expect((await speak(['images', 'layout', 'get', id], env)).stdout).toBe(TEXT);
    expect(JSON.parse((await speak(['images', 'layout', 'get', id, '--json'], env)).stdout)).toEqual(LAYOUT);
    const { code, stdout } = await speak(['images', 'layout', 'get', id, '--out', `${dir}/mine.json`], env);
    expect(code).toBe(0);
    expect(stdout).toContain('mine.json');
    expect(readFileSync(`${dir}/mine.json`, 'utf8')).toBe(TEXT);
  });

  test('of an image without one: which outputs it has', async () => {
    const desk = await setUpDesk();
    const { code, stderr } = await speak(['images', 'layout', 'get', put(desk).id], desk.env);
    expect(code).toBe(1);
    expect(stderr).toContain('has no output "layout"');
  });
});

describe('stager images layout set', () => {
  test('makes another image of the same photo, and leaves the first as it is', async () => {
    const { api, env, id, file } = await setUpFurnished();
    const first = api.state.images.get(id);
    const { code, stdout } = await speak(['images', 'layout', 'set', id, file, '--wait', '--json'], env);
    expect(code).toBe(0);
    const made = JSON.parse(stdout);
    expect(made).toMatchObject({ state: 'ready', name: 'hall.jpg', engine: 'furnish', roomType: 'bedroom' });
    expect(made).toMatchObject({ style: 'modern', seed: 3, params: { label: true } });
    expect(made.originalId).toBe(first?.originalId);
    expect(made.id).not.toBe(id);
    expect(api.state.images.get(id)).toEqual(first);
  });

  test('without --wait: how to follow it; in another style', async () => {
    const { api, env, id, file } = await setUpFurnished();
    const args = ['images', 'layout', 'set', id, file, '--style', 'scandinavian'];
    const { code, stdout } = await speak(args, env);
    const [made = ''] = /img_\w+/.exec(stdout) ?? [];
    expect(code).toBe(0);
    expect(stdout).toContain(`stager tail --image ${made} --exit-status`);
    expect(api.state.images.get(made)?.style).toBe('scandinavian');
  });

  test('that cannot be rendered: exit code 1 and why', async () => {
    const { api, env, id, file } = await setUpFurnished();
    api.state.change(id, 'image.ready', { name: 'fails.jpg' });
    const { code, stdout } = await speak(['images', 'layout', 'set', id, file, '--wait'], env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Error /m);
  });

  test.each([
    ['{', /layout\.json is no JSON/],
    ['x'.repeat(1_000_001), /larger than a layout can be/],
    [JSON.stringify(Array(10_000).fill({ kind: 'sofa' })), /larger than a layout can be/],
    [TEXT.replace('sofa', 'throne'), /pieces\[0\]/],
  ])('of %.10s…: exit code 2, what is wrong, and nothing made', async (text, words) => {
    const { api, env, id, file } = await setUpFurnished();
    writeFileSync(file, text);
    const { code, stdout, stderr } = await speak(['images', 'layout', 'set', id, file], env);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('Nothing was sent.');
    expect(api.state.images.size).toBe(1);
  });

  test('of what is wrong in its form: each place, as in the file', async () => {
    const issues = [
      { path: 'body.items.0.layout.pieces.0.size', message: 'too small' },
      { path: 'body.items.0.layout.room.walls.12.from.1', message: 'not a number' },
      { path: 'body.items.0.layout', message: 'too large' },
    ];
    const options = { code: 'invalid_request', status: 400 };
    const refused = new ValidationError('Wrong.', { ...options, issues });
    expect(await explain(refused, 'mine.json')).toMatchObject({
      exit: 2,
      message:
        'mine.json is no layout that can be used: pieces[0].size too small; room.walls[12].from[1] not a number; too large.',
    });
    const other = new ValidationError('Wrong.', options);
    expect(await explain(other, '-')).toBe(other);
  });

  test('that begins with a mark of its encoding, as editors of Windows save it', async () => {
    const { env, id, file } = await setUpFurnished();
    writeFileSync(file, `\uFEFF${TEXT}`);
    expect((await speak(['images', 'layout', 'set', id, file, '--json'], env)).code).toBe(0);
  });

  test.each(['unknown_style', 'unknown_room'])(
    'of a word that the engine does not know (%s): exit code 2',
    async (code) => {
      const refused = new ValidationError('The engine has no such word.', { code, status: 422 });
      expect(await explain(refused, 'mine.json')).toMatchObject({ exit: 2, message: refused.message });
    },
  );

  test('of a file that is not there', async () => {
    const { env, id, dir } = await setUpFurnished();
    const { code, stderr } = await speak(['images', 'layout', 'set', id, `${dir}/none.json`], env);
    expect(code).toBe(2);
    expect(stderr).toContain('none.json cannot be read: there is no such file.');
  });
});

describe('stager upload --layout', () => {
  test.each(['an image', 'a file'])('sends that of %s with every photo', async (kind) => {
    const { api, dir, env, id, file } = await setUpFurnished();
    writePhotos(dir, ['a.jpg', 'b.jpg']);
    const from = kind === 'an image' ? id : file;
    const { code, stderr } = await speak(
      ['upload', `${dir}/a.jpg`, `${dir}/b.jpg`, '--engine', 'furnish', '--layout', from],
      env,
    );
    expect(code, stderr).toBe(0);
    const sent = api.requests.filter(({ operation }) => operation === 'createImages');
    const items = sent.flatMap(({ body }) => (body as { items: { layout?: Layout }[] }).items);
    expect(items.map(({ layout }) => layout)).toEqual([LAYOUT, LAYOUT]);
  });

  test('for an engine that takes none: which one does', async () => {
    const { dir, env, file } = await setUpFurnished();
    writePhotos(dir, ['a.jpg']);
    const { code, stderr } = await speak(['upload', `${dir}/a.jpg`, '--layout', file], env);
    expect(code).toBe(2);
    expect(stderr).toContain('The engine finish takes no layout. Choose an engine that does: furnish.');
  });
});
