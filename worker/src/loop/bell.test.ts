import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createBell } from './bell.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise is settled by now. */
async function settled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('a bell', () => {
  test('wakes who waits, or lets time do it', async () => {
    const bell = createBell();
    const rung = bell.wait(1_000);
    expect(await settled(rung)).toBe(false);
    bell.ring();
    expect(await settled(rung)).toBe(true);
    const timed = bell.wait(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(await settled(timed)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await settled(timed)).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('remembers any number of rings as one', async () => {
    const bell = createBell();
    bell.ring();
    bell.ring();
    expect(await settled(bell.wait(1_000))).toBe(true);
    expect(await settled(bell.wait(1_000))).toBe(false);
  });

  test('a pause is not cut short by rings, which are remembered', async () => {
    const bell = createBell();
    const pause = bell.pause(500);
    bell.ring();
    await vi.advanceTimersByTimeAsync(499);
    expect(await settled(pause)).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await settled(pause)).toBe(true);
    expect(await settled(bell.wait(1_000))).toBe(true);
  });

  test('without a limit it waits for a ring alone', async () => {
    const bell = createBell();
    const wait = bell.wait(Number.POSITIVE_INFINITY);
    await vi.advanceTimersByTimeAsync(10_000_000);
    expect(await settled(wait)).toBe(false);
    bell.ring();
    expect(await settled(wait)).toBe(true);
  });

  test.each(['wait', 'pause'] as const)('closing ends every %s', async (kind) => {
    const bell = createBell();
    const before = bell[kind](1_000);
    bell.close();
    expect(await settled(before)).toBe(true);
    expect(await settled(bell[kind](1_000))).toBe(true);
  });
});
