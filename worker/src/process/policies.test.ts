import { ObjectStoreError, StoreUnavailable } from '@stager/server/ports';
import { describe, expect, test, vi } from 'vitest';
import { EngineError } from '../engines/types.ts';
import { JobStopped, stopReason } from '../loop/stopped.ts';
import { describeFailure } from './failure.ts';
import { persist } from './persist.ts';
import { decideFailure } from './policy.ts';

describe('what follows an attempt that did not succeed', () => {
  const failed = { stopped: undefined, retryable: true, attempt: 1, maxAttempts: 5 } as const;
  test.each([
    ['the first failure', failed, { kind: 'retry', afterMs: 1_000 }],
    ['the second', { ...failed, attempt: 2 }, { kind: 'retry', afterMs: 2_000 }],
    ['the fourth', { ...failed, attempt: 4 }, { kind: 'retry', afterMs: 8_000 }],
    ['a very late one', { ...failed, attempt: 40, maxAttempts: 50 }, { kind: 'retry', afterMs: 300_000 }],
    ['the last', { ...failed, attempt: 5 }, { kind: 'dead' }],
    ['beyond the last', { ...failed, attempt: 6 }, { kind: 'dead' }],
    ['the only one', { ...failed, maxAttempts: 1 }, { kind: 'dead' }],
    ['one that cannot get better', { ...failed, retryable: false }, { kind: 'dead' }],
    ['the worker leaves', { ...failed, stopped: 'drain' }, { kind: 'release' }],
    ['the worker leaves amid the last', { ...failed, stopped: 'drain', attempt: 5 }, { kind: 'release' }],
    [
      'the worker leaves amid a hopeless one',
      { ...failed, stopped: 'drain', retryable: false },
      { kind: 'release' },
    ],
    ['the lease is lost', { ...failed, stopped: 'lease_lost' }, { kind: 'leave' }],
    ['the lease is lost amid the last', { ...failed, stopped: 'lease_lost', attempt: 5 }, { kind: 'leave' }],
  ] as const)('%s', (_, ended, verdict) => {
    expect(decideFailure(ended, 1)).toEqual(verdict);
  });

  test('the whole span from nothing to the limit is used', () => {
    expect(decideFailure({ ...failed, attempt: 3 }, 0)).toEqual({ kind: 'retry', afterMs: 0 });
    expect(decideFailure({ ...failed, attempt: 3 }, 0.5)).toEqual({ kind: 'retry', afterMs: 2_000 });
  });
});

test('why a job was stopped', () => {
  const abort = new AbortController();
  expect(stopReason(abort.signal)).toBeUndefined();
  abort.abort(new JobStopped('drain'));
  expect(stopReason(abort.signal)).toBe('drain');
  // Whatever it was: to write as if the lease were ours would be the worse mistake.
  expect(stopReason(AbortSignal.abort())).toBe('lease_lost');
});

describe('what the owner is told', () => {
  test('the words of an engine as they are', () => {
    const error = new EngineError('image_corrupt', 'Damaged.', { hint: 'Export it anew.', retryable: true });
    expect(describeFailure(error)).toEqual({
      code: 'image_corrupt',
      message: 'Damaged.',
      hint: 'Export it anew.',
      retryable: true,
    });
    expect(describeFailure(new EngineError('x', 'y')).hint).toBeNull();
  });

  test.each([
    [
      'a store that is down',
      new ObjectStoreError('unreachable', 'ECONNREFUSED 10.0.0.1'),
      'store_unavailable',
    ],
    ['a transfer that took too long', new DOMException('slow', 'TimeoutError'), 'store_unavailable'],
    ['a defect', new TypeError('secret detail'), 'processing_failed'],
    ['anything else', 'secret detail', 'processing_failed'],
  ])('nothing of the inside of %s', (_, error, code) => {
    const failure = describeFailure(error);
    expect(failure).toMatchObject({ code, retryable: true });
    expect(JSON.stringify(failure)).not.toMatch(/secret|ECONN/);
  });
});

describe('writing the end of a job', () => {
  const down = () => Promise.reject(new StoreUnavailable('down'));
  const going = new AbortController().signal;
  const persisted = (write: () => Promise<boolean>, signal = going) => persist(write, signal, () => 0);

  test.each([
    ['took effect', [true], 'written'],
    ['found the lease lost', [false], 'lost'],
    ['took effect at the third try', ['down', 'down', true], 'written'],
    // The first may have been committed, and that gave up the lease.
    ['was cut off, then found no lease', ['down', false], 'unknown'],
  ] as const)('it %s', async (_, answers, outcome) => {
    const write = vi.fn<() => Promise<boolean>>();
    for (const answer of answers) write.mockImplementationOnce(answer === 'down' ? down : async () => answer);
    expect(await persisted(write)).toBe(outcome);
    expect(write).toHaveBeenCalledTimes(answers.length);
  });

  test('it ends when the lease does', async () => {
    const abort = new AbortController();
    const write = vi.fn(down).mockImplementationOnce(() => {
      abort.abort(new JobStopped('lease_lost'));
      return down();
    });
    expect(await persisted(write, abort.signal)).toBe('unknown');
    expect(write).toHaveBeenCalledTimes(1);
  });

  test('the wait for the next try is cut short when the lease ends', async () => {
    const abort = new AbortController();
    const outcome = persist(vi.fn(down), abort.signal, () => 1_000_000);
    abort.abort(new JobStopped('drain'));
    expect(await outcome).toBe('unknown');
  });

  test('a defect is not repeated', async () => {
    const write = vi.fn(() => Promise.reject(new Error('violates a constraint')));
    await expect(persisted(write)).rejects.toThrow('violates');
    expect(write).toHaveBeenCalledTimes(1);
  });
});
