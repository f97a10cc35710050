import { expect, test } from 'vitest';
import { Tracker } from './tracker.ts';

const event = (
  imageId: string,
  state: 'queued' | 'ready' | 'error' | 'canceled',
  type?: 'image.deleted',
) => ({ imageId, state, type: type ?? (`image.${state}` as const) });

test('without a snapshot nothing is known to be done', () => {
  expect(new Tracker().done).toBe(false);
});

test('nothing unfinished: done at once', () => {
  const tracker = new Tracker();
  tracker.takeSnapshot([]);
  expect(tracker.done).toBe(true);
});

test('each image counts once, and only those of the snapshot', () => {
  const tracker = new Tracker();
  tracker.takeSnapshot([{ id: 'a' }, { id: 'b' }, { id: 'c' }, { id: 'd' }]);
  tracker.takeEvent(event('a', 'ready'));
  tracker.takeEvent(event('a', 'ready'));
  tracker.takeEvent(event('new', 'error'));
  tracker.takeEvent(event('b', 'queued'));
  expect(tracker.done).toBe(false);
  tracker.takeEvent(event('b', 'error'));
  tracker.takeEvent(event('c', 'canceled'));
  tracker.takeEvent(event('d', 'queued', 'image.deleted'));
  expect(tracker.done).toBe(true);
  expect(tracker.tally).toEqual({ ready: 1, failed: 1, canceled: 1, deleted: 1, pending: 0 });
});

test('what a later snapshot does not list has to be looked up', () => {
  const tracker = new Tracker();
  tracker.takeSnapshot([{ id: 'a' }, { id: 'b' }]);
  expect(tracker.takeSnapshot([{ id: 'b' }, { id: 'c' }])).toEqual(['a']);
  tracker.takeState('a', 'error');
  tracker.takeState('b', 'ready');
  expect(tracker.done).toBe(true);
  expect(tracker.tally).toMatchObject({ ready: 1, failed: 1 });
});
