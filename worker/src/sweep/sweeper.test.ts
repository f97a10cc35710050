import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepingLog } from '../testing.ts';
import { createSweeper, pruneAll, type SweeperOptions, sweepJobs } from './sweeper.ts';

const NOW = Date.UTC(2030, 0, 1);
const HOUR_MS = 60 * 60 * 1000;

const jobs = {
  reapExpired: vi.fn<SweeperOptions['jobs']['reapExpired']>(),
  listDue: vi.fn<SweeperOptions['jobs']['listDue']>(),
  prune: vi.fn<SweeperOptions['jobs']['prune']>(),
  listStaleUploads: vi.fn<SweeperOptions['jobs']['listStaleUploads']>(),
  forgetUploads: vi.fn<SweeperOptions['jobs']['forgetUploads']>(),
};
const ring = vi.fn<SweeperOptions['doorbell']['ring']>();
const remove = vi.fn<SweeperOptions['objects']['remove']>();
const kick = vi.fn();
const log = keepingLog();
const going = new AbortController().signal;
const options: SweeperOptions = { jobs, doorbell: { ring }, objects: { remove }, log, kick };

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  for (const mock of [...Object.values(jobs), ring, remove, kick]) mock.mockReset();
  jobs.reapExpired.mockResolvedValue({ requeued: 0, dead: 0 });
  jobs.listDue.mockResolvedValue([]);
  jobs.prune.mockResolvedValue(0);
  jobs.listStaleUploads.mockResolvedValue([]);
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function uploads(from: number, to: number) {
  return Array.from({ length: to - from }, (_, n) => ({
    id: `upl_${from + n}`,
    accountId: 'acc_1',
    objectKey: `acc_1/upl_${from + n}`,
  }));
}

describe('sweeping', () => {
  test('rings for what is due, and has its news relayed', async () => {
    jobs.reapExpired.mockResolvedValue({ requeued: 1, dead: 0 });
    jobs.listDue.mockResolvedValue(['job_1', 'job_2']);
    await sweepJobs(options);
    expect(kick).toHaveBeenCalledOnce();
    expect(ring.mock.calls).toEqual([
      [
        [
          { v: 1, jobId: 'job_1' },
          { v: 1, jobId: 'job_2' },
        ],
      ],
    ]);
  });

  test('is silent when all is well', async () => {
    await sweepJobs(options);
    expect([kick.mock.calls.length, ring.mock.calls.length]).toEqual([0, 0]);
  });

  test('goes on every few seconds, and prunes every ten minutes', async () => {
    const sweeper = createSweeper(options);
    sweeper.start();
    await vi.advanceTimersByTimeAsync(HOUR_MS);
    await sweeper.stop();
    expect(jobs.reapExpired.mock.calls.length).toBeGreaterThan(600);
    expect(jobs.reapExpired.mock.calls.length).toBeLessThan(900);
    expect(jobs.prune.mock.calls.length).toBeGreaterThanOrEqual(6);
    expect(jobs.prune.mock.calls.length).toBeLessThanOrEqual(7);
  });

  test('a failure of one half does not stop the other, and both go on', async () => {
    jobs.reapExpired.mockRejectedValueOnce(new Error('down'));
    const sweeper = createSweeper(options);
    sweeper.start();
    await vi.advanceTimersByTimeAsync(20_000);
    await sweeper.stop();
    expect(jobs.prune).toHaveBeenCalledOnce();
    expect(jobs.reapExpired.mock.calls.length).toBeGreaterThan(2);
  });
});

describe('pruning', () => {
  test('removes uploads that ended an hour ago, the object before the row, to the last', async () => {
    const order: string[] = [];
    jobs.listStaleUploads.mockResolvedValueOnce(uploads(0, 200)).mockResolvedValueOnce(uploads(200, 230));
    remove.mockImplementation(async ({ key }) => void order.push(key));
    jobs.forgetUploads.mockImplementation(async (_, ids) => void order.push(...ids));
    await pruneAll(options, NOW, going);
    expect(jobs.listStaleUploads).toHaveBeenCalledWith(
      { pendingBefore: new Date(NOW - HOUR_MS), settledBefore: new Date(NOW - 168 * HOUR_MS) },
      200,
    );
    expect(jobs.prune).toHaveBeenCalledWith(new Date(NOW));
    expect(remove).toHaveBeenCalledTimes(230);
    expect(remove).toHaveBeenCalledWith({ bucket: 'uploads', key: 'acc_1/upl_0' });
    expect(order.indexOf('acc_1/upl_199')).toBeLessThan(order.indexOf('upl_0'));
    expect(jobs.forgetUploads.mock.calls.flatMap(([, ids]) => ids)).toHaveLength(230);
  });

  test('keeps the rows of objects that could not be removed', async () => {
    jobs.listStaleUploads.mockResolvedValue(uploads(0, 3));
    remove.mockRejectedValue(new Error('the store is down'));
    await expect(pruneAll(options, NOW, going)).rejects.toThrow('down');
    expect(jobs.forgetUploads).not.toHaveBeenCalled();
  });

  test('stops between two pages when the worker does', async () => {
    jobs.listStaleUploads.mockResolvedValue(uploads(0, 200));
    const stop = new AbortController();
    jobs.forgetUploads.mockImplementation(async () => stop.abort());
    await pruneAll(options, NOW, stop.signal);
    expect(jobs.listStaleUploads).toHaveBeenCalledOnce();
  });
});
