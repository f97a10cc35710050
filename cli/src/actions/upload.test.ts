import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { writePhotos } from '../testing/photos.ts';

describe('what the upload is told that it cannot use', () => {
  test.each([
    ['nothing', 'There is no file or folder DIR/nothing.'],
    ['file/below', 'DIR/file/below cannot be read: a part of the path is a file, not a folder.'],
    ['x'.repeat(300), 'cannot be read: the name is longer than the file system allows.'],
  ])('%s: exit code 2 and nothing asked', async (path, words) => {
    const { api, dir, env } = await setUpDesk();
    writeFileSync(`${dir}/file`, '');
    const { code, stderr } = await speak(['upload', `${dir}/${path}`], env);
    expect(code).toBe(2);
    expect(stderr).toContain(words.replace('DIR', dir).replace('DIR', dir));
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain('Nothing was sent.');
    expect(api.requests).toEqual([]);
  });

  test('a path that no system could have', async () => {
    const { env } = await setUpDesk();
    expect((await speak(['upload', 'a\0b'], env)).code).toBe(1);
  });

  test('an empty folder, and one with other files', async () => {
    const { dir, env } = await setUpDesk();
    mkdirSync(`${dir}/photos`);
    const empty = await speak(['upload', `${dir}/photos`], env);
    expect(empty.code).toBe(2);
    expect(empty.stderr).toContain('There are no photos in');
    expect(empty.stderr).not.toContain('left out');
    writeFileSync(`${dir}/photos/notes.txt`, 'text');
    expect((await speak(['upload', `${dir}/photos`], env)).stderr).toContain('1 other file was left out.');
  });

  test('a wrong choice when the catalog has gone: where to look', async () => {
    const { api, dir, env } = await setUpDesk({ latencyMs: 20 });
    writePhotos(dir, ['a.jpg']);
    const fetchCatalog = () => api.requests.filter(({ operation }) => operation === 'getCatalog').length;
    const running = speak(['upload', `${dir}/a.jpg`, '--engine', 'furnsh'], env);
    while (fetchCatalog() === 0) await new Promise((next) => setImmediate(next));
    api.failNext({ operation: 'getCatalog', code: 'account_suspended', times: 9 });
    const asked = fetchCatalog();
    const { code, stderr } = await running;
    expect(asked).toBe(1);
    expect(code).toBe(2);
    expect(stderr).toContain('See: stager catalog. Nothing was sent.');
  });
});

describe('projects of an upload', () => {
  test('a dry run with one that is there says nothing of making it', async () => {
    const { api, dir, env } = await setUpDesk();
    writePhotos(dir, ['a.jpg']);
    await speak(['projects', 'create', 'Elm 42'], env);
    const { stderr } = await speak(['upload', `${dir}/a.jpg`, '--project', 'elm 42', '--dry-run'], env);
    expect(stderr).not.toContain('would be created');
    expect(api.state.images.size).toBe(0);
  });

  test('two commands that make the same one at once: one makes it, both use it', async () => {
    const { api, dir, env } = await setUpDesk({ latencyMs: 20 });
    writePhotos(dir, ['a.jpg', 'b.jpg']);
    const ends = await Promise.all(
      ['a.jpg', 'b.jpg'].map((name) => speak(['upload', `${dir}/${name}`, '--project', 'Elm'], env)),
    );
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    expect(api.state.projects.size).toBe(1);
    expect(new Set([...api.state.images.values()].map(({ projectId }) => projectId)).size).toBe(1);
    expect(ends.filter(({ stderr }) => stderr.includes('Created the project'))).toHaveLength(1);
  });

  test('one that cannot be made: the reason, and nothing is sent', async () => {
    const { api, dir, env } = await setUpDesk();
    writePhotos(dir, ['a.jpg']);
    const { code, stderr } = await speak(['upload', `${dir}/a.jpg`, '--project', 'x'.repeat(200)], env);
    expect(code).toBe(1);
    expect(stderr).toContain('1 to 120 characters');
    expect(api.state.originals.size).toBe(0);
  });
});

describe('results that cannot be written on the way', () => {
  test('are told with path and fix, the others are saved, and the same command saves the rest', async () => {
    const { api, dir, env } = await setUpDesk();
    writePhotos(`${dir}/photos`, ['a.jpg', 'up/b.jpg']);
    mkdirSync(`${dir}/staged`);
    writeFileSync(`${dir}/staged/up`, 'mine');
    const args = ['upload', `${dir}/photos`, '--out', `${dir}/staged`];
    const { code, stdout, stderr } = await speak(args, env);
    expect(code).toBe(1);
    const text = stdout.replaceAll(/\s+/g, ' ');
    expect(text).toContain(`Cannot write ${dir}/staged/up/b.finished.jpg: a part of its path is a file`);
    expect(text).toContain('Move that file away');
    expect(text).toContain(`To save what could not be saved; nothing is sent or made again: stager upload`);
    expect(`${stdout}${stderr}`).not.toMatch(/ENOTDIR|EEXIST|\n +at /);
    expect(readdirSync(`${dir}/staged`).toSorted()).toEqual(['a.finished.jpg', 'up']);
    writeFileSync(`${dir}/photos/notes.txt`, '');
    const { rmSync } = await import('node:fs');
    rmSync(`${dir}/staged/up`);
    const sent = api.requests.filter(({ operation }) => operation === 'storePut').length;
    expect((await speak(args, env)).code).toBe(0);
    expect(existsSync(`${dir}/staged/up/b.finished.jpg`)).toBe(true);
    expect(api.requests.filter(({ operation }) => operation === 'storePut')).toHaveLength(sent);
  });

  test('what was sent before a failure is kept, and that is said', async () => {
    const { api, dir, env } = await setUpDesk();
    writePhotos(`${dir}/photos`, ['a.jpg']);
    api.failNext({ operation: 'createImages', code: 'account_suspended', times: 20 });
    const { code, stderr } = await speak(['upload', `${dir}/photos`], env);
    expect(code).toBe(1);
    expect(stderr).toContain('What was sent is kept: the same command goes on from there.');
  });
});
