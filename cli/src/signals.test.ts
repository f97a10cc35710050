import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchSignals } from './signals.ts';

const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Listeners of the watch alone: a real signal would reach those of the test runner as well. */
function watch() {
  const before = NAMES.map((name) => process.listeners(name));
  const signal = watchSignals();
  const own = NAMES.map((name, i) =>
    process.listeners(name).filter((listener) => !before[i]?.includes(listener)),
  );
  return {
    signal,
    send: (name: (typeof NAMES)[number]) => {
      for (const listener of own[NAMES.indexOf(name)] ?? []) listener(name);
    },
    stop: () => {
      for (const [i, name] of NAMES.entries())
        for (const listener of own[i] ?? []) process.off(name, listener);
    },
  };
}

describe('Ctrl-C', () => {
  let watched: ReturnType<typeof watch>;
  // The real one would end the test run.
  const exit = vi.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  beforeEach(() => {
    vi.useFakeTimers();
    exit.mockClear();
    watched = watch();
  });
  afterEach(() => {
    watched.stop();
    vi.useRealTimers();
  });

  test.each(NAMES)('%s asks the work to stop, and leaves it time', (name) => {
    expect(watched.signal.aborted).toBe(false);
    watched.send(name);
    expect(watched.signal.aborted).toBe(true);
    expect(exit).not.toHaveBeenCalled();
  });

  test('the same one, heard twice, is one', () => {
    watched.send('SIGINT');
    vi.advanceTimersByTime(100);
    watched.send('SIGINT');
    expect(exit).not.toHaveBeenCalled();
  });

  test('a second one ends at once', () => {
    watched.send('SIGINT');
    vi.advanceTimersByTime(400);
    watched.send('SIGTERM');
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });

  test('work that does not stop is ended after five seconds', () => {
    watched.send('SIGINT');
    vi.advanceTimersByTime(4900);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(exit).toHaveBeenCalledExactlyOnceWith(130);
  });
});
