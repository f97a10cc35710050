import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { Image } from '@stager/sdk';
import { Stager } from '@stager/sdk';
import { describe, expect, test, vi } from 'vitest';
import { type Desk, setUpDesk, speak } from '../testing/inProcess.ts';
import { photoBytes } from '../testing/photos.ts';

/** Images of these names, in the state that the name begins with. */
async function setUpImages(...names: string[]): Promise<Desk & { idOf(name: string): string }> {
  const desk = await setUpDesk({
    outcome: ({ name }) =>
      name?.startsWith('error') ? 'error' : /^(queued|canceled)/.test(name ?? '') ? 'hold' : 'ready',
  });
  const client = new Stager({ baseUrl: desk.api.url, token: 'any' });
  const photos = names.map((name, i) => ({ name, bytes: photoBytes(i) }));
  const held = names.filter((name) => /^(queued|canceled)/.test(name));
  for await (const event of client.stage(photos, { wait: held.length === 0 }))
    if (event.type === 'done') break;
  const idOf = (name: string) => find(desk, name)?.id ?? `no image ${name}`;
  for (const name of held) if (name.startsWith('canceled')) await client.images.cancel(idOf(name));
  // Beside what is held, nobody has waited for the others.
  const others = () => names.filter((name) => !held.includes(name)).map((name) => find(desk, name)?.state);
  await vi.waitFor(() => expect(others()).not.toContain('queued'));
  await vi.waitFor(() => expect(others()).not.toContain('processing'));
  return { ...desk, idOf };
}

const find = ({ api }: Desk, name: string): Image | undefined =>
  [...api.state.images.values()].find((image) => image.name === name);

describe('stager images download', () => {
  test('saves the results under the names of the photos, and says where', async () => {
    const { dir, env, idOf } = await setUpImages('a.jpg', 'up/b.jpg');
    const args = ['images', 'download', idOf('a.jpg'), idOf('up/b.jpg'), '--out', `${dir}/staged`];
    const first = await speak(args, env);
    expect(first.code, first.stderr).toBe(0);
    expect(first.stdout).toBe(
      `${dir}/staged/a.finished.jpg  2.0 kB\n${dir}/staged/up/b.finished.jpg  2.0 kB\n`,
    );
    expect(readFileSync(`${dir}/staged/a.finished.jpg`)).toEqual(photoBytes(0));
    const again = await speak(args, env);
    expect(again.stdout).toContain('a.finished.jpg  was there');
  });

  test('--output original brings the photo back, another name is refused with those that are', async () => {
    const { dir, env, idOf } = await setUpImages('a.jpg');
    const args = ['images', 'download', idOf('a.jpg'), '--out', dir];
    expect((await speak([...args, '--output', 'original'], env)).code).toBe(0);
    expect(readFileSync(`${dir}/a.original.jpg`)).toEqual(photoBytes(0));
    const { code, stdout } = await speak([...args, '--output', 'mask'], env);
    expect(code).toBe(1);
    expect(stdout).toContain('The image has no output mask.');
    expect(stdout).toContain('It has: finished, original');
  });

  test('--all brings everything, the original too, and is not for one output', async () => {
    const { dir, env, idOf } = await setUpImages('a.jpg', 'queued.jpg');
    const args = ['images', 'download', idOf('a.jpg'), '--out', `${dir}/all`, '--all'];
    expect((await speak(args, env)).code).toBe(0);
    expect(readdirSync(`${dir}/all`).toSorted()).toEqual(['a.finished.jpg', 'a.original.jpg']);
    expect(await speak([...args, '--output', 'finished'], env)).toMatchObject({ code: 2 });
    const early = await speak(['images', 'download', idOf('queued.jpg'), '--out', dir, '--all'], env);
    expect(early).toMatchObject({ code: 1, stdout: expect.stringContaining('still queued') });
  });

  test('an image that was ready without a result says so', async () => {
    const { api, dir, env, idOf } = await setUpImages('a.jpg');
    api.state.change(idOf('a.jpg'), 'image.ready', { outputs: [] });
    const { code, stdout } = await speak(['images', 'download', idOf('a.jpg'), '--out', dir], env);
    expect(code).toBe(1);
    expect(stdout).toContain('It has: original');
  });

  test.each([
    ['queued.jpg', 'still queued', 'To wait for it: stager tail --image', true],
    ['canceled.jpg', 'was cancelled', 'To try it again: stager images retry', false],
    ['error.jpg', 'has failed', 'To try it again: stager images retry', false],
  ])('%s: why there is nothing, and the command that helps', async (name, why, next, retryable) => {
    const { dir, env, idOf } = await setUpImages(name);
    const args = ['images', 'download', idOf(name), '--out', dir];
    const { code, stdout } = await speak(args, env);
    expect(code).toBe(1);
    expect(stdout).toContain(why);
    expect(stdout).toContain(next);
    const machine = await speak([...args, '--json'], env);
    expect(JSON.parse(machine.stdout).results).toEqual([
      { id: idOf(name), ok: false, error: expect.objectContaining({ code: 'not_ready', retryable }) },
    ]);
  });

  test('one that is not there or cannot be written does not keep the others', async () => {
    const { dir, env, idOf } = await setUpImages('a.jpg', 'taken/b.jpg');
    writeFileSync(`${dir}/taken`, 'mine');
    const unknown = `img_${'0'.repeat(24)}zz`;
    const args = ['images', 'download', unknown, idOf('taken/b.jpg'), idOf('a.jpg'), '--out', dir];
    const { code, stdout } = await speak(args, env);
    expect(code).toBe(1);
    expect(stdout).toContain(`${unknown}  failed  `);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      `Cannot write ${dir}/taken/b.finished.jpg: a part of its path is a file, where a folder has to be.`,
    );
    expect(stdout).toContain('Move that file away');
    expect(stdout).not.toMatch(/ENOTDIR|EEXIST/);
    expect(readdirSync(dir)).toContain('a.finished.jpg');
    expect(readFileSync(`${dir}/taken`, 'utf8')).toBe('mine');
  });

  test('a token that is refused ends it at once: exit code 4', async () => {
    const { api, dir, env, idOf } = await setUpImages('a.jpg', 'b.jpg');
    api.failNext({ operation: 'getImageDownloads', code: 'unauthenticated', times: 9 });
    const args = ['images', 'download', idOf('a.jpg'), idOf('b.jpg'), '--out', dir, '--json'];
    const { code, stdout } = await speak(args, env);
    expect(code).toBe(4);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'unauthenticated',
      // The token of the environment would win over a login.
      next: [{ command: 'unset STAGER_TOKEN && stager login' }, {}],
    });
  });
});
