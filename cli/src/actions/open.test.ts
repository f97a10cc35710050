import { readFileSync, writeFileSync } from 'node:fs';
import { Stager } from '@stager/sdk';
import { describe, expect, test } from 'vitest';
import { put } from '../testing/images.ts';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { photoBytes } from '../testing/photos.ts';

describe('stager open with a folder', () => {
  test('writes the page into it and says where, with no browser at hand', async () => {
    const { dir, env } = await setUpDesk();
    writeFileSync(`${dir}/a.finished.jpg`, photoBytes(1));
    const { code, stdout } = await speak(['open', dir], env);
    expect(code).toBe(0);
    expect(stdout).toContain(`${dir}/index.html`);
    expect(readFileSync(`${dir}/index.html`, 'utf8')).toContain('<h2>a</h2>');
    const again = await speak(['open', dir, '--json'], env);
    expect(JSON.parse(again.stdout)).toEqual({
      file: `${dir}/index.html`,
      pairs: 1,
      refused: 0,
      opened: false,
    });
  });

  test.each([
    ['that is not there', ['open', 'DIR/none'], 'There is no folder DIR/none.'],
    ['without results', ['open', 'DIR'], 'There are no results in DIR.'],
    ['and another', ['open', 'DIR', 'DIR'], 'Give one folder'],
    ['and an image', ['open', 'DIR', `img_${'0'.repeat(26)}`], 'not both'],
  ])('%s: exit code 2', async (_name, args, words) => {
    const { dir, env } = await setUpDesk();
    const { code, stderr } = await speak(
      args.map((word) => word.replace('DIR', dir)),
      env,
    );
    expect(code).toBe(2);
    expect(stderr).toContain(words.replace('DIR', dir));
  });

  test('never in the place of a page of somebody else', async () => {
    const { dir, env } = await setUpDesk();
    writeFileSync(`${dir}/a.finished.jpg`, photoBytes(1));
    writeFileSync(`${dir}/index.html`, 'mine');
    const { code, stderr } = await speak(['open', dir], env);
    expect(code).toBe(2);
    expect(stderr).toContain('left alone');
    expect(readFileSync(`${dir}/index.html`, 'utf8')).toBe('mine');
    expect((await speak(['open', dir, '--out', `${dir}/sheet.html`], env)).code).toBe(0);
  });
});

describe('stager open with images', () => {
  test('shows what is ready and why the others are not', async () => {
    const desk = await setUpDesk({ outcome: ({ name }) => (name === 'bad.jpg' ? 'error' : 'ready') });
    const { api, dir, env } = desk;
    const client = new Stager({ baseUrl: api.url, token: 'any' });
    const photos = ['good.jpg', 'bad.jpg'].map((name, n) => ({ name, bytes: photoBytes(n) }));
    for await (const event of client.stage(photos, { wait: true })) if (event.type === 'done') break;
    const ids = [...api.state.images.keys()];
    const file = `${dir}/sheet.html`;
    const { code, stdout, stderr } = await speak(['open', ...ids, '--out', file], env);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain(file);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('<h2>good</h2>');
    expect(page).toContain('<h3>bad.jpg</h3><p>The engine failed.');
    expect(page).toContain(`<dt>Engine</dt><dd>finish</dd>`);
  });

  test('of which nothing is ready yet: exit code 8', async () => {
    const desk = await setUpDesk();
    const { code, stderr } = await speak(['open', put(desk).id], desk.env);
    expect(code).toBe(8);
    expect(stderr).toContain('nothing of it is ready');
  });
});
