import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepingLog } from '../testing.ts';
import { createProgress, type Progress } from './progress.ts';

const write = vi.fn<(fraction: number, stage: string) => Promise<boolean>>();
const onLost = vi.fn();
const log = keepingLog();
let progress: Progress;

beforeEach(() => {
  vi.useFakeTimers();
  write.mockReset().mockResolvedValue(true);
  onLost.mockReset();
  log.lines.length = 0;
  progress = createProgress({ write, onLost, log, now: Date.now });
});
afterEach(async () => {
  await progress.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('progress', () => {
  test('of a short job is never written', async () => {
    progress.report(0, 'decode');
    await tick(200);
    progress.report(1, 'done');
    await progress.stop();
    await tick(10_000);
    expect(write).not.toHaveBeenCalled();
  });

  test('is written once a second, the latest', async () => {
    for (let n = 1; n <= 100; n++) {
      progress.report(n / 100, 'paint');
      await tick(50);
    }
    expect(write.mock.calls.length).toBeLessThanOrEqual(6);
    const fractions = write.mock.calls.map(([fraction]) => fraction);
    expect(fractions).toEqual(fractions.toSorted());
    await tick(1_000);
    expect(write).toHaveBeenLastCalledWith(1, 'paint');
  });

  test('of a new stage does not wait for the second', async () => {
    await tick(1_000);
    progress.report(0, 'decode');
    await tick(0);
    progress.report(0.4, 'correct');
    await tick(250);
    expect(write.mock.calls).toEqual([
      [0, 'decode'],
      [0.4, 'correct'],
    ]);
  });

  test('cannot be made a flood by changing stages', async () => {
    for (let n = 0; n < 1_000; n++) {
      progress.report(0.5, `stage ${n}`);
      await tick(1);
    }
    expect(write.mock.calls.length).toBeLessThanOrEqual(4);
  });

  test('is written one at a time, however slow the database', async () => {
    const slow = Promise.withResolvers<boolean>();
    write.mockReturnValueOnce(slow.promise);
    progress.report(0.1, 'a');
    await tick(5_000);
    progress.report(0.2, 'b');
    progress.report(0.3, 'c');
    await tick(5_000);
    expect(write).toHaveBeenCalledTimes(1);
    slow.resolve(true);
    await tick(0);
    expect(write.mock.calls).toEqual([
      [0.1, 'a'],
      [0.3, 'c'],
    ]);
  });

  test('tells when the lease is lost', async () => {
    write.mockResolvedValue(false);
    progress.report(0.1, 'a');
    await tick(250);
    expect(onLost).toHaveBeenCalledOnce();
  });

  test('that cannot be written fails nothing', async () => {
    write.mockRejectedValueOnce(new Error('down'));
    progress.report(0.1, 'a');
    await tick(250);
    progress.report(0.2, 'a');
    await tick(1_000);
    expect(write).toHaveBeenCalledTimes(2);
    expect([onLost.mock.calls.length, log.lines.length]).toEqual([0, 1]);
  });

  test.each([
    [Number.NaN, 0],
    [-1, 0],
    [7, 1],
  ])('%d is %d', async (said, written) => {
    progress.report(said, 'a');
    await tick(250);
    expect(write).toHaveBeenCalledWith(written, 'a');
  });
});
