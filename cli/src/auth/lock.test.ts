import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { tempDir } from '../testing/tempDir.ts';
import { withFileLock } from './lock.ts';

describe('the lock of a file', () => {
  test('is held while the work runs, and free afterwards, also when the work fails', async () => {
    const file = join(tempDir(), 'credentials.json');
    expect(await withFileLock(file, async (held) => held() && existsSync(`${file}.lock`))).toBe(true);
    await expect(withFileLock(file, () => Promise.reject(new Error('the work')))).rejects.toThrow('the work');
    expect(existsSync(`${file}.lock`)).toBe(false);
  });

  test('that somebody else keeps is told, with what to do', async () => {
    const file = join(tempDir(), 'credentials.json');
    await withFileLock(file, async () => {
      await expect(withFileLock(file, async () => undefined, { retries: 0 })).rejects.toMatchObject({
        code: 'locked',
        exit: 1,
        retryable: true,
        message: expect.stringContaining(file),
        hint: `If no other stager runs, remove ${file}.lock.`,
      });
    });
  });

  test('that was lost on the way is known, and the work says no more', async () => {
    const file = join(tempDir(), 'credentials.json');
    await withFileLock(file, async (held) => {
      rmSync(`${file}.lock`, { recursive: true });
      // Looked at every five seconds.
      await vi.waitFor(() => expect(held()).toBe(false), { interval: 50 });
    });
  });

  test('in a folder that cannot be made is not tried again and again', async () => {
    const dir = tempDir();
    writeFileSync(join(dir, 'file'), '');
    // No time passes, in which there could be another try.
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    await expect(withFileLock(join(dir, 'file', 'x'), async () => undefined)).rejects.toMatchObject({
      code: expect.stringMatching(/EEXIST|ENOTDIR/),
    });
  });
});
