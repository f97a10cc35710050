import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { jittered, outageDelay } from './backoff.ts';
import { createLoop } from './loop.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(turn: (signal: AbortSignal) => Promise<void>, lastTurn = false, restMs = 0) {
  const lines: string[] = [];
  const write = (_: object, message: string) => void lines.push(message);
  const log = { info: write, warn: write };
  return {
    loop: createLoop({ name: 'it', everyMs: 1_000, restMs, turn, lastTurn, log, random: () => 0.5 }),
    lines,
  };
}

/** A task whose turns end when the test says so. */
function steered() {
  const turns: PromiseWithResolvers<void>[] = [];
  const turn = () => {
    const one = Promise.withResolvers<void>();
    turns.push(one);
    return one.promise;
  };
  return { turns, turn };
}

describe('a loop', () => {
  test('takes a turn at its start and then every so often', async () => {
    const turn = vi.fn(async () => undefined);
    const { loop } = setUp(turn);
    loop.kick();
    expect(turn).not.toHaveBeenCalled();
    loop.start();
    loop.start();
    expect(turn).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(0);
    const kicked = turn.mock.calls.length;
    await vi.advanceTimersByTimeAsync(3_000);
    expect(turn).toHaveBeenCalledTimes(kicked + 3);
    await loop.stop();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(turn).toHaveBeenCalledTimes(kicked + 3);
  });

  test('a kick is a turn at once; any number during a turn are one more', async () => {
    const { turns, turn } = steered();
    const { loop } = setUp(turn);
    loop.start();
    for (let n = 0; n < 5; n++) loop.kick();
    expect(turns).toHaveLength(1);
    turns[0]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(turns).toHaveLength(2);
    turns[1]?.resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect(turns).toHaveLength(2);
    loop.kick();
    expect(turns).toHaveLength(3);
    turns[2]?.resolve();
    await loop.stop();
  });

  test('with a rest, a kick is a turn at once and a burst of kicks few more', async () => {
    const turn = vi.fn(async () => undefined);
    const { loop } = setUp(turn, false, 25);
    loop.start();
    await vi.advanceTimersByTimeAsync(100);
    expect(turn).toHaveBeenCalledTimes(1);
    loop.kick();
    expect(turn).toHaveBeenCalledTimes(2);
    for (let n = 0; n < 20; n++) {
      await vi.advanceTimersByTimeAsync(1);
      loop.kick();
    }
    expect(turn).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5);
    expect(turn).toHaveBeenCalledTimes(3);
    await vi.advanceTimersByTimeAsync(100);
    expect(turn).toHaveBeenCalledTimes(3);
    await loop.stop();
  });

  test('waits longer after each failure, whatever kicks, and logs the outage once', async () => {
    let broken = true;
    const turn = vi.fn(async () => {
      if (broken) throw new Error('down');
    });
    const { loop, lines } = setUp(turn);
    loop.start();
    await vi.advanceTimersByTimeAsync(0);
    for (let n = 0; n < 100; n++) loop.kick();
    await vi.advanceTimersByTimeAsync(99);
    expect(turn).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(turn).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(turn.mock.calls.length).toBeLessThan(35);
    expect(lines).toEqual(['it fails; trying again']);
    broken = false;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(lines).toEqual(['it fails; trying again', 'it works again']);
    await loop.stop();
  });

  test('stops behind the turn under way, which is told', async () => {
    const { turns, turn } = steered();
    let told: AbortSignal | undefined;
    const { loop } = setUp((signal) => {
      told = signal;
      return turn();
    });
    loop.start();
    let stopped = false;
    const stopping = loop.stop().then(() => {
      stopped = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect([told?.aborted, stopped]).toEqual([true, false]);
    turns[0]?.resolve();
    await stopping;
  });

  test('takes a last turn when asked to, and survives its failure', async () => {
    let turns = 0;
    const { loop } = setUp(async () => {
      turns += 1;
      if (turns === 2) throw new Error('down');
    }, true);
    loop.start();
    await loop.stop();
    expect(turns).toBe(2);
  });
});

test.each([
  [1, 1, 200],
  [2, 1, 400],
  [5, 1, 3_200],
  [6, 1, 5_000],
  [1_000, 1, 5_000],
  [3, 0.5, 400],
  [3, 0, 0],
])('after failure %d with chance %d it waits %d ms', (failures, chance, ms) => {
  expect(outageDelay(failures, () => chance)).toBe(ms);
});

test('jitter is a tenth to either side', () => {
  expect([jittered(1_000, () => 0), jittered(1_000, () => 1)]).toEqual([900, 1_100]);
});
