import { expect, test } from 'vitest';
import { createStreamSlots } from './streamSlots.ts';

test('an account has as many streams as it may, others are not concerned, and a place is free again once', () => {
  const slots = createStreamSlots(2);
  const leave = slots.take('a');
  slots.take('a');
  expect(() => slots.take('a')).toThrow(
    expect.objectContaining({ code: 'rate_limited', extra: { retryAfter: 5 } }),
  );
  slots.take('b');
  leave();
  leave();
  slots.take('a');
  expect(() => slots.take('a')).toThrow('2 event streams open');
});
