import { describe, expect, test } from 'vitest';
import { place } from './draft.ts';
import { covered, Picture } from './picture.ts';
import { exampleRooms, onFloor } from './rooms.fixture.ts';

describe.each(exampleRooms())('$name', ({ room }) => {
  const picture = new Picture(room);

  test('what is seen of the floor comes back to its pixel', () => {
    for (const [x, y] of [
      [room.width * 0.2, room.height * 0.9],
      [room.width * 0.8, room.height * 0.95],
    ] as const) {
      const [fx, fz] = onFloor(room, x, y);
      const [px = 0, py = 0] = picture.project([fx, 0, fz]) ?? [];
      expect(px).toBeCloseTo(x, 6);
      expect(py).toBeCloseTo(y, 6);
    }
  });

  test('what is higher appears higher, and what is nearer larger', () => {
    const [, low = 0] = picture.project([0, 0, 3]) ?? [];
    const [, high = 0] = picture.project([0, 1, 3]) ?? [];
    const [, farLow = 0] = picture.project([0, 0, 4]) ?? [];
    const [, farHigh = 0] = picture.project([0, 1, 4]) ?? [];
    expect(high).toBeLessThan(low);
    expect(low - high).toBeGreaterThan(farLow - farHigh);
  });

  test('behind the camera there is nothing', () => {
    expect(picture.project([0, 1, -1])).toBeUndefined();
    expect(picture.outline(place('plant', [0, 0.1], 0, [0.6, 0.6, 1]))).toBeUndefined();
  });
});

test('shares in the photo, and of what covers another', () => {
  const [{ room } = { room: undefined }] = exampleRooms();
  if (!room) throw new Error('there are no example rooms');
  const picture = new Picture(room);
  expect(picture.shareIn(picture.frame)).toBeCloseTo(1);
  const half = [
    [-100, 0],
    [100, 0],
    [100, 100],
    [-100, 100],
  ] as const;
  expect(picture.shareIn(half)).toBeCloseTo(0.5);
  const near = picture.outline(place('plant', [0, 3], 0, [1, 1, 1]));
  const behind = picture.outline(place('plant', [0, 5], 0, [0.3, 0.3, 0.5]));
  const beside = picture.outline(place('plant', [-2, 5], 0, [0.3, 0.3, 0.5]));
  if (!near || !behind || !beside) throw new Error('all of them are in front of the camera');
  expect(covered(behind, near)).toBeCloseTo(1);
  expect(covered(near, behind)).toBeLessThan(0.5);
  expect(covered(beside, near)).toBe(0);
});
