import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { keepingLog } from '../testing.ts';
import { createWatchdog, waitingSince } from './watchdog.ts';

describe('since when work waits', () => {
  const look = { due: true, free: true, claimedAt: 0 };
  test.each([
    ['nothing waits', undefined, { ...look, due: false }, undefined],
    ['work is seen for the first time', undefined, look, 100],
    ['it still waits', 40, look, 40],
    ['something was claimed since', 40, { ...look, claimedAt: 50 }, 100],
    ['something was claimed before', 40, { ...look, claimedAt: 30 }, 40],
    ['there is no free place', 40, { ...look, free: false }, undefined],
    ['it was taken by others', 40, { ...look, due: false }, undefined],
  ])('%s', (_name, before, seen, since) => expect(waitingSince(before, seen, 100)).toBe(since));
});

describe('a watchdog', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function setUp({ concurrency = 2, next = async (): Promise<number | null> => 0 } = {}) {
    const loop = { running: 0, claimedAt: 0 };
    const onStuck = vi.fn();
    const log = keepingLog();
    const msToNextDue = vi.fn(next);
    const dog = createWatchdog({
      jobs: { msToNextDue },
      loop,
      concurrency,
      onStuck,
      log,
      now: Date.now,
      stuckMs: 60_000,
    });
    dog.start();
    return { dog, loop, onStuck, log, msToNextDue };
  }
  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

  test('tells once of work that nobody takes for a minute', async () => {
    const { dog, onStuck, log } = setUp();
    await pass(60);
    expect([dog.stuck, onStuck.mock.calls.length]).toEqual([false, 0]);
    await pass(10);
    expect([dog.stuck, onStuck.mock.calls.length]).toEqual([true, 1]);
    await pass(120);
    expect(onStuck).toHaveBeenCalledTimes(1);
    expect(log.lines.map(({ level }) => level)).toEqual(['error']);
    dog.stop();
  });

  test.each<[string, (rig: ReturnType<typeof setUp>) => void]>([
    [
      'claims now and then',
      ({ loop }) => void setInterval(() => Object.assign(loop, { claimedAt: Date.now() }), 30_000),
    ],
    ['is full', ({ loop }) => void Object.assign(loop, { running: 2 })],
    ['has nothing to do', ({ msToNextDue }) => void msToNextDue.mockResolvedValue(null)],
    ['waits for a job that is due later', ({ msToNextDue }) => void msToNextDue.mockResolvedValue(900)],
    ['cannot ask the database', ({ msToNextDue }) => void msToNextDue.mockRejectedValue(new Error('down'))],
  ])('a worker that %s is not stuck', async (_name, arrange) => {
    const rig = setUp();
    arrange(rig);
    await pass(600);
    expect(rig.onStuck).not.toHaveBeenCalled();
    rig.dog.stop();
  });

  test('a paused worker is not even looked at', async () => {
    const { msToNextDue } = setUp({ concurrency: 0 });
    await pass(600);
    expect(msToNextDue).not.toHaveBeenCalled();
  });
});
