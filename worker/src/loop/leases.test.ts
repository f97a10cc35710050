import type { JobStore } from '@stager/server/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aJob, keepingLog } from '../testing.ts';
import { createLeases, type Leases } from './leases.ts';
import { stopReason } from './stopped.ts';

const LEASE_MS = 30_000;

let leases: Leases;
const renew = vi.fn<JobStore['renew']>();
const log = keepingLog();

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  renew.mockReset().mockResolvedValue({ lost: [], busy: [] });
  log.lines.length = 0;
  leases = createLeases({ jobs: { renew }, leaseMs: LEASE_MS, log, now: Date.now });
  leases.start();
});
afterEach(async () => {
  await leases.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('leases', () => {
  test('are renewed in one batch, a third of their time apart, and never without need', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect(renew).not.toHaveBeenCalled();
    const [a, b] = [aJob(), aJob()];
    const signals = [leases.hold(a, Date.now()), leases.hold(b, Date.now())];
    await vi.advanceTimersByTimeAsync(120_000);
    expect(renew).toHaveBeenCalledTimes(12);
    expect(renew).toHaveBeenCalledWith([a.lease, b.lease], LEASE_MS);
    expect(signals.map((signal) => signal.aborted)).toEqual([false, false]);
    leases.forget(a);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(renew).toHaveBeenLastCalledWith([b.lease], LEASE_MS);
  });

  test('that are lost stop their job at once, and no other', async () => {
    const [a, b] = [aJob(), aJob()];
    const [lost, kept] = [leases.hold(a, Date.now()), leases.hold(b, Date.now())];
    renew.mockResolvedValue({ lost: [a.lease], busy: [] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect([stopReason(lost), stopReason(kept)]).toEqual(['lease_lost', undefined]);
  });

  test('that cannot be renewed stop their job before another worker can have it', async () => {
    renew.mockRejectedValue(new Error('the database is away'));
    const signal = leases.hold(aJob(), Date.now());
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(stopReason(signal)).toBe('lease_lost');
    expect(log.lines.map(({ message }) => message)).toEqual(['renewal of leases fails; trying again']);
  });

  test('count from when they were asked for, not from when the answer came', async () => {
    const askedAt = Date.now();
    await vi.advanceTimersByTimeAsync(4_000);
    renew.mockRejectedValue(new Error('the database is away'));
    const signal = leases.hold(aJob(), askedAt);
    await vi.advanceTimersByTimeAsync(LEASE_MS - 4_001);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(signal.aborted).toBe(true);
  });

  test('are fenced although a renewal hangs', async () => {
    renew.mockReturnValue(new Promise(() => undefined));
    const signal = leases.hold(aJob(), Date.now());
    await vi.advanceTimersByTimeAsync(LEASE_MS);
    expect(stopReason(signal)).toBe('lease_lost');
    leases = createLeases({ jobs: { renew }, leaseMs: LEASE_MS, log, now: Date.now });
  });

  test('survive an outage that is shorter than they are', async () => {
    const signal = leases.hold(aJob(), Date.now());
    renew.mockRejectedValue(new Error('the database is away'));
    await vi.advanceTimersByTimeAsync(25_000);
    renew.mockResolvedValue({ lost: [], busy: [] });
    await vi.advanceTimersByTimeAsync(300_000);
    expect(signal.aborted).toBe(false);
  });

  test('of a job that somebody holds are not renewed, and stop it only when they end', async () => {
    const job = aJob();
    const signal = leases.hold(job, Date.now());
    renew.mockResolvedValue({ lost: [], busy: [job.lease] });
    await vi.advanceTimersByTimeAsync(LEASE_MS - 1);
    expect(signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(stopReason(signal)).toBe('lease_lost');
  });

  test('all stop for a drain', () => {
    const signals = [leases.hold(aJob(), Date.now()), leases.hold(aJob(), Date.now())];
    leases.stopAll('drain');
    expect(signals.map(stopReason)).toEqual(['drain', 'drain']);
  });
});

describe('news', () => {
  test('of an account with a job here have its lease looked at soon', async () => {
    const job = aJob({ accountId: 'acc_9' });
    const signal = leases.hold(job, Date.now());
    renew.mockResolvedValue({ lost: [job.lease], busy: [] });
    leases.check(['acc_1', 'acc_9']);
    await vi.advanceTimersByTimeAsync(0);
    expect(stopReason(signal)).toBe('lease_lost');
  });

  test('of other accounts do not', async () => {
    leases.check('unknown');
    leases.hold(aJob(), Date.now());
    leases.check(['acc_2']);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(renew).not.toHaveBeenCalled();
  });

  test('that were missed have everything looked at', async () => {
    leases.hold(aJob(), Date.now());
    leases.check('unknown');
    await vi.advanceTimersByTimeAsync(0);
    expect(renew).toHaveBeenCalledOnce();
  });

  test('in a flood cost a few looks a second', async () => {
    leases.hold(aJob(), Date.now());
    for (let ms = 0; ms < 3_000; ms += 10) {
      leases.check(['acc_1']);
      await vi.advanceTimersByTimeAsync(10);
    }
    expect(renew.mock.calls.length).toBeGreaterThanOrEqual(9);
    expect(renew.mock.calls.length).toBeLessThanOrEqual(11);
  });
});
