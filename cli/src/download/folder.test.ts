import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setUpDesk, speak } from '../testing/inProcess.ts';
import { writePhotos } from '../testing/photos.ts';
import { tempDir } from '../testing/tempDir.ts';
import { requireFolder } from './folder.ts';

const failureOf = (out: string) =>
  requireFolder(out, 'Nothing was sent.').then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a folder for results', () => {
  test('that is there is good, and stays as it was', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'mine.txt'), '');
    expect(await failureOf(dir)).toBeUndefined();
    expect(readdirSync(dir)).toEqual(['mine.txt']);
  });

  test('that can be made is good, and trying it makes nothing that stays', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'there'));
    expect(await failureOf(join(dir, 'there', 'a', 'b'))).toBeUndefined();
    expect(readdirSync(dir, { recursive: true })).toEqual(['there']);
  });

  test('behind a link is good', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'real'));
    symlinkSync(join(dir, 'real'), join(dir, 'link'));
    expect(await failureOf(join(dir, 'link', 'staged'))).toBeUndefined();
    expect(readdirSync(join(dir, 'real'))).toEqual([]);
  });

  test.each([
    ['a file', 'file', 'it is a file, not a folder'],
    ['below a file', 'file/a/b', '/file is a file, not a folder'],
    ['a link to nothing', 'broken', 'it is not there, and cannot be made'],
    ['a name that no file system takes', 'x'.repeat(300), 'longer than'],
  ])('that is %s is refused with its name, why and the fix', async (_name, out, why) => {
    const dir = tempDir();
    writeFileSync(join(dir, 'file'), '');
    symlinkSync(join(dir, 'nowhere', 'at', 'all'), join(dir, 'broken'));
    const path = join(dir, out);
    expect(await failureOf(path)).toMatchObject({
      code: 'out_unusable',
      exit: 2,
      message: expect.stringContaining(`Results cannot be saved in ${path}: `),
      hint: expect.stringMatching(/another folder with --out\. Nothing was sent\.$/),
    });
    expect(await failureOf(path)).toMatchObject({ message: expect.stringContaining(why) });
    expect(readdirSync(dir).toSorted()).toEqual(['broken', 'file']);
  });

  // Nobody can make anything there, not even root.
  test.skipIf(process.platform !== 'linux')('that nobody may write to is refused', async () => {
    expect(await failureOf('/proc/staged')).toMatchObject({ code: 'out_unusable', exit: 2 });
    expect(await failureOf('/proc')).toMatchObject({ code: 'out_unusable', exit: 2 });
  });

  test.each(['', '  '])('without a name (%j) is refused', async (out) => {
    expect(await failureOf(out)).toMatchObject({
      code: 'usage',
      exit: 2,
      message: expect.stringContaining('--out is empty'),
      hint: expect.stringContaining('./staged'),
    });
  });

  test('what is no word of the file system is not put into other words', async () => {
    expect(await failureOf('a\0b')).toMatchObject({ code: 'ERR_INVALID_ARG_VALUE' });
  });
});

describe('before anything is sent or asked', () => {
  test.each([
    ['upload', (dir: string) => ['upload', `${dir}/photos`, '--project', 'New'], 'Nothing was sent.'],
    ['upload --dry-run', (dir: string) => ['upload', `${dir}/photos`, '--dry-run'], 'Nothing was sent.'],
    ['images download', () => ['images', 'download', `img_${'0'.repeat(26)}`], 'Nothing was downloaded.'],
  ])('%s', async (_name, args, nothing) => {
    const { api, dir, env } = await setUpDesk();
    writePhotos(`${dir}/photos`, ['a.jpg']);
    writeFileSync(`${dir}/taken`, 'mine');
    const { code, stdout, stderr } = await speak([...args(dir), '--out', `${dir}/taken/staged`], env);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(`${dir}/taken/staged`);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`${dir}/taken is a file, not a folder`);
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(nothing);
    expect(stderr).not.toMatch(/ENOTDIR|EEXIST|\n +at /);
    expect(api.requests).toEqual([]);
    expect(existsSync(`${dir}/taken/staged`)).toBe(false);
  });
});
