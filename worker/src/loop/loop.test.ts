import type { ClaimedJob, JobStore } from '@stager/server/ports';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { aJob, keepingLog } from '../testing.ts';
import { type ClaimLoop, createClaimLoop, type LoopOptions } from './loop.ts';
import { stopReason } from './stopped.ts';

/** Jobs under way, to be ended by the test; a stopped one ends by itself. */
class Runs {
  readonly open = new Map<string, () => void>();
  readonly reasons: unknown[] = [];
  readonly run = (job: ClaimedJob, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const end = () => {
        this.open.delete(job.id);
        resolve();
      };
      this.open.set(job.id, end);
      signal.addEventListener('abort', () => {
        this.reasons.push(stopReason(signal));
        end();
      });
    });
  endOne(): void {
    const [end] = this.open.values();
    end?.();
  }
}

const queue: ClaimedJob[] = [];
const claim = vi.fn<JobStore['claim']>();
const renew = vi.fn<JobStore['renew']>();
const msToNextDue = vi.fn<JobStore['msToNextDue']>();
const kick = vi.fn();
let ring: () => void;
let tell: (accounts: readonly string[] | 'unknown') => void;
let listeners: number;
let runs: Runs;
let loop: ClaimLoop;
const log = keepingLog();

const leave = async () => {
  listeners -= 1;
};

function start(wish: Partial<LoopOptions> = {}): ClaimLoop {
  loop = createClaimLoop({
    jobs: { claim, renew, msToNextDue },
    doorbell: {
      async listen(onRing) {
        ring = onRing;
        listeners += 1;
        return leave;
      },
    },
    notifier: {
      async subscribe(onAccounts) {
        tell = onAccounts;
        listeners += 1;
        return leave;
      },
    },
    concurrency: 2,
    leaseMs: 30_000,
    run: runs.run,
    log,
    kick,
    random: () => 0,
    now: Date.now,
    ...wish,
  });
  void loop.start();
  return loop;
}

beforeEach(() => {
  vi.useFakeTimers();
  queue.length = 0;
  listeners = 0;
  runs = new Runs();
  log.lines.length = 0;
  kick.mockReset();
  claim.mockReset().mockImplementation(async (limit) => queue.splice(0, limit));
  renew.mockReset().mockResolvedValue({ lost: [], busy: [] });
  msToNextDue.mockReset().mockImplementation(async () => (queue.length > 0 ? 0 : null));
});
afterEach(async () => {
  const drained = loop.drain(0);
  await vi.advanceTimersByTimeAsync(0);
  await drained;
  expect(listeners).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

describe('claiming', () => {
  test('takes as many as there are places, and the next when one falls free', async () => {
    queue.push(aJob(), aJob(), aJob());
    start();
    await tick();
    expect(claim.mock.calls).toEqual([[2, 30_000]]);
    expect([runs.open.size, loop.running, kick.mock.calls.length]).toEqual([2, 2, 1]);
    await tick(20_000);
    expect(claim).toHaveBeenCalledTimes(1);
    runs.endOne();
    await tick();
    expect(claim).toHaveBeenLastCalledWith(1, 30_000);
    expect([runs.open.size, queue.length]).toEqual([2, 0]);
  });

  test('comes at once when the doorbell rings', async () => {
    start();
    await tick(500);
    queue.push(aJob());
    ring();
    await tick();
    expect(runs.open.size).toBe(1);
  });

  test('comes by itself when rings are lost', async () => {
    start();
    await tick(10);
    queue.push(aJob());
    await tick(2_000);
    expect(runs.open.size).toBe(1);
  });

  test('comes when the next job falls due', async () => {
    msToNextDue.mockResolvedValue(700);
    start();
    await tick(699);
    expect(claim).toHaveBeenCalledTimes(1);
    await tick(1);
    expect(claim).toHaveBeenCalledTimes(2);
  });

  test('is calm when what is due cannot be had', async () => {
    msToNextDue.mockResolvedValue(0);
    start();
    await tick(10_000);
    expect(claim.mock.calls.length).toBeLessThanOrEqual(101);
  });

  test('a flood of rings is a few claims', async () => {
    let answered: (() => void) | undefined;
    claim.mockImplementation(() => new Promise((resolve) => (answered = () => resolve([]))));
    start();
    for (let n = 0; n < 100; n++) ring();
    answered?.();
    await tick();
    answered?.();
    await tick();
    expect(claim).toHaveBeenCalledTimes(2);
    claim.mockResolvedValue([]);
  });

  test('pauses with no places', async () => {
    queue.push(aJob());
    start({ concurrency: 0 });
    await tick(60_000);
    ring();
    await tick();
    expect(claim).not.toHaveBeenCalled();
  });

  test('goes on behind a job that breaks its promise', async () => {
    queue.push(aJob(), aJob());
    const run = vi
      .fn<LoopOptions['run']>()
      .mockRejectedValueOnce(new Error('defect'))
      .mockResolvedValue(undefined);
    start({ concurrency: 1, run });
    await tick(1);
    expect(run).toHaveBeenCalledTimes(2);
    expect(log.lines[0]?.message).toBe('a job was not brought to an end');
  });
});

describe('an outage of the database', () => {
  test('is waited out without haste, logged once, and over at once', async () => {
    claim.mockRejectedValue(new Error('down'));
    start({ random: () => 1 });
    await tick();
    expect(loop.healthy).toBe(false);
    for (let n = 0; n < 600; n++) {
      ring();
      await tick(100);
    }
    expect(claim.mock.calls.length).toBeLessThan(20);
    expect(log.lines.map(({ message }) => message)).toEqual(['jobs cannot be claimed; trying again']);
    claim.mockImplementation(async (limit) => queue.splice(0, limit));
    queue.push(aJob());
    await tick(5_000);
    await loop.claiming;
    expect([loop.healthy, runs.open.size]).toEqual([true, 1]);
    expect(log.lines.at(-1)?.message).toBe('jobs can be claimed again');
  });

  test('ends jobs that may be somebody else’s by then', async () => {
    queue.push(aJob());
    start();
    await tick();
    renew.mockRejectedValue(new Error('down'));
    claim.mockRejectedValue(new Error('down'));
    await tick(30_000);
    expect(runs.reasons).toEqual(['lease_lost']);
  });
});

test('a canceled job is stopped as soon as its account has news', async () => {
  const job = aJob();
  queue.push(job);
  start();
  await tick();
  renew.mockResolvedValue({ lost: [job.lease], busy: [] });
  tell([job.accountId]);
  await tick(300);
  expect(runs.reasons).toEqual(['lease_lost']);
});

describe('draining', () => {
  test('claims no more, and waits for what runs', async () => {
    queue.push(aJob());
    start();
    await tick();
    let drained = false;
    const draining = loop.drain(25_000).then(() => {
      drained = true;
    });
    queue.push(aJob());
    ring();
    await tick(20_000);
    expect([drained, claim.mock.calls.length]).toEqual([false, 1]);
    expect(renew).toHaveBeenCalled();
    runs.endOne();
    await draining;
    expect(runs.reasons).toEqual([]);
  });

  test('gives back what takes too long', async () => {
    queue.push(aJob(), aJob());
    start();
    await tick();
    const draining = loop.drain(25_000);
    await tick(24_999);
    expect(runs.reasons).toEqual([]);
    await tick(1);
    await draining;
    expect(runs.reasons).toEqual(['drain', 'drain']);
  });

  test('does not wait for the next try of an outage', async () => {
    claim.mockRejectedValue(new Error('down'));
    start({ random: () => 1 });
    await tick(60_000);
    await loop.drain(25_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
