import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { TransferError } from '../core/errors.ts';
import { sha256Of, tempDir } from '../testSupport.ts';
import { explainWrite, fileHas, isDiskFull, writeVerified } from './write.ts';

const BYTES = new TextEncoder().encode('a staged room');
const EXPECTED = { size: BYTES.length, sha256: sha256Of(BYTES) };

function folder(): string {
  const dir = tempDir();
  onTestFinished(() => dir[Symbol.dispose]());
  return dir.path;
}

function bodyOf(
  ...chunks: Uint8Array[]
): ReadableStream<Uint8Array> & { readonly isCancelled: () => boolean } {
  let cancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    pull(sink) {
      const chunk = chunks.shift();
      if (chunk) sink.enqueue(chunk);
      else sink.close();
    },
    cancel() {
      cancelled = true;
    },
  });
  return Object.assign(stream, { isCancelled: () => cancelled });
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a file', () => {
  test('is written whole, below folders that are made for it', async () => {
    const path = join(folder(), 'a', 'b', 'room.jpg');
    await writeVerified(path, bodyOf(BYTES.slice(0, 3), BYTES.slice(3)), EXPECTED, undefined);
    expect(new Uint8Array(readFileSync(path))).toEqual(BYTES);
    expect(await fileHas(path, EXPECTED.size, EXPECTED.sha256)).toBe(true);
  });

  test('is one of many that need the same new folder', async () => {
    const dir = join(folder(), 'a', 'b', 'c');
    const paths = Array.from({ length: 20 }, (_, i) => join(dir, `${i}.jpg`));
    await Promise.all(paths.map((path) => writeVerified(path, bodyOf(BYTES), EXPECTED, undefined)));
    expect(readdirSync(dir)).toHaveLength(20);
  });

  test.skipIf(process.platform === 'win32')('is not there when the disk took a part of it only', async () => {
    const path = join(folder(), 'room.png');
    const { stdout } = await promisify(execFile)('sh', [
      '-c',
      'ulimit -f 8 && exec "$0" "$@"',
      process.execPath,
      '--input-type=module',
      '-e',
      `import { createHash } from 'node:crypto';
      import { writeVerified } from ${JSON.stringify(new URL('./write.ts', import.meta.url).href)};
      const bytes = new Uint8Array(100_000);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const body = new Blob([bytes]).stream();
      await writeVerified(${JSON.stringify(path)}, body, { size: bytes.length, sha256 }).then(
        () => console.log('written'),
        (error) => console.log(error.code),
      );`,
    ]);
    expect(stdout.trim()).toBe('write_failed');
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test('may have the longest name that the file system takes', async () => {
    const path = join(folder(), `${'a'.repeat(251)}.jpg`);
    await writeVerified(path, bodyOf(BYTES), EXPECTED, undefined);
    expect(await fileHas(path, EXPECTED.size, EXPECTED.sha256)).toBe(true);
  });

  test('takes away what a killed process left of it, and nothing else', async () => {
    const dir = folder();
    const old = new Date(Date.now() - 10 * 60_000);
    const of = (name: string) => `.stager-${sha256Of(new TextEncoder().encode(name)).slice(0, 12)}-`;
    const room = of('room.jpg');
    const names = [
      `${room}0123abcd.part`,
      `${room}89abcdef.part`,
      `${of('hall.jpg')}0123abcd.part`,
      `${room}x`,
    ];
    for (const name of names) writeFileSync(join(dir, name), 'x');
    // The second one still grows.
    for (const name of [names[0], names[2], names[3]]) utimesSync(join(dir, name ?? ''), old, old);
    await writeVerified(join(dir, 'room.jpg'), bodyOf(BYTES), EXPECTED, undefined);
    expect(readdirSync(dir).sort()).toEqual([...names.slice(1), 'room.jpg'].sort());
  });

  test.each([
    ['too short', [BYTES.slice(1)]],
    ['too long', [BYTES, BYTES]],
    ['of other bytes', [new Uint8Array(BYTES.length)]],
  ])('that arrives %s leaves the old one as it was, and no part', async (_name, chunks) => {
    const dir = folder();
    const path = join(dir, 'room.jpg');
    writeFileSync(path, 'old');
    expect(await failureOf(writeVerified(path, bodyOf(...chunks), EXPECTED, undefined))).toMatchObject({
      code: 'checksum_mismatch',
      retryable: true,
    });
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(dir)).toEqual(['room.jpg']);
  });

  test('whose line is cut is told as that, and can be tried again', async () => {
    const body = new ReadableStream<Uint8Array>({ pull: (sink) => sink.error(new TypeError('terminated')) });
    const error = await failureOf(writeVerified(join(folder(), 'x'), body, EXPECTED, undefined));
    expect(error).toMatchObject({ code: 'transfer_failed', retryable: true });
  });

  test('that was given up is told as that, before and in the middle', async () => {
    const reason = new DOMException('enough', 'AbortError');
    const dir = folder();
    const before = bodyOf(BYTES);
    expect(
      await failureOf(writeVerified(join(dir, 'x'), before, EXPECTED, AbortSignal.abort(reason))),
    ).toMatchObject({ code: 'aborted' });
    const cut = new ReadableStream<Uint8Array>({ pull: (sink) => sink.error(reason) });
    expect(
      await failureOf(writeVerified(join(dir, 'x'), cut, EXPECTED, AbortSignal.abort(reason))),
    ).toMatchObject({ code: 'aborted', cause: reason });
    expect(readdirSync(dir)).toEqual([]);
  });

  test('that is not there, is a folder or of another size has not the bytes', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'short'), 'x');
    for (const name of ['nothing', '.', 'short', 'short/below']) {
      expect(await fileHas(join(dir, name), EXPECTED.size, EXPECTED.sha256)).toBe(false);
    }
  });

  // The memory of a process is a file of no size whose beginning nobody can read, not even root.
  test.skipIf(process.platform !== 'linux')('that cannot be read has not the bytes', async () => {
    expect(await fileHas('/proc/self/mem', 0, sha256Of(new Uint8Array()))).toBe(false);
  });
});

describe('where the file system says no: the path, why and what to do, and the download is let go', () => {
  test.each([
    ['the folder is a file', 'file', 'room.jpg', 'a part of its path is a file'],
    ['it lies under a file', 'file/below', 'room.jpg', 'a part of its path is a file'],
    ['there is a folder of that name', 'folder', 'taken', 'there is a folder of that name'],
    ['the name is too long', 'folder', `${'x'.repeat(300)}.jpg`, 'the name is longer'],
  ])('%s', async (_name, below, name, why) => {
    const dir = folder();
    writeFileSync(join(dir, 'file'), 'mine');
    mkdirSync(join(dir, 'folder/taken/full'), { recursive: true });
    const path = join(dir, below, name);
    const body = bodyOf(BYTES);
    const error = await failureOf(writeVerified(path, body, EXPECTED, undefined));
    expect(error).toBeInstanceOf(TransferError);
    expect(error).toMatchObject({
      code: 'write_failed',
      retryable: false,
      hint: expect.stringMatching(/\.$/),
    });
    expect(String(error)).toContain(`Cannot write ${path}: ${why}`);
    expect(String(error)).not.toMatch(/\bE[A-Z]{4,}\b/);
    expect(readFileSync(join(dir, 'file'), 'utf8')).toBe('mine');
    expect(readdirSync(join(dir, 'folder'))).toEqual(['taken']);
    // A body that was never read would keep its connection.
    expect(body.isCancelled() || (await body.getReader().read()).done).toBe(true);
  });

  // Nobody can make anything there, not even root.
  test.skipIf(process.platform !== 'linux')('a file system that makes nothing', async () => {
    const error = await failureOf(writeVerified('/proc/staged/x.jpg', bodyOf(BYTES), EXPECTED, undefined));
    expect(error).toMatchObject({
      code: 'write_failed',
      message: expect.stringContaining('/proc/staged/x.jpg'),
    });
  });

  test.each([
    ['EACCES', 'no permission', 'another folder'],
    ['EPERM', 'no permission', 'another folder'],
    ['EROFS', 'read-only', 'another folder'],
    ['ENOENT', 'cannot be made', 'another folder'],
    ['ENOTDIR', 'is a file', 'Move that file'],
    ['EEXIST', 'is a file', 'Move that file'],
    ['EISDIR', 'a folder of that name', 'Move that folder'],
    ['ENOSPC', 'no space left', 'Make space'],
    ['EDQUOT', 'no space left', 'Make space'],
    ['EFBIG', 'no file of that size', 'another disk'],
    ['ENAMETOOLONG', 'longer than', 'shorter'],
    ['EMFILE', 'too many files', 'ulimit'],
    ['EIO', 'answered EIO', 'Check the disk'],
  ])('%s', (code, why, hint) => {
    const cause = Object.assign(new Error(`${code}: open`), { code, syscall: 'open' });
    const error = explainWrite(cause, '/out/room.jpg');
    expect(error).toMatchObject({
      code: 'write_failed',
      message: expect.stringMatching(new RegExp(`^Cannot write /out/room\\.jpg: .*${why}.*\\.$`)),
      hint: expect.stringContaining(hint),
      cause,
    });
    expect(isDiskFull(error)).toBe(code === 'ENOSPC' || code === 'EDQUOT');
  });

  test('what is no word of the file system stays as it is', () => {
    for (const error of [new Error('x'), Object.assign(new Error('x'), { code: 'y' }), 'text']) {
      expect(explainWrite(error, '/x')).toBe(error);
    }
  });
});
