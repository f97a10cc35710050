import { describe, expect, test } from 'vitest';
import { createRandom, randomFor } from './random.ts';
import { chooseMoments } from './run.ts';

const draw = (random: () => number, count = 5) => Array.from({ length: count }, random);

describe('a seed decides all that is left to chance', () => {
  test('the same seed draws the same numbers', () => {
    expect(draw(createRandom(7))).toEqual(draw(createRandom(7)));
    expect(draw(createRandom(7))).not.toEqual(draw(createRandom(8)));
    for (const number of draw(createRandom(9), 100)) expect(number >= 0 && number < 1).toBe(true);
  });

  test('what one fault draws changes nothing for another', () => {
    const alone = draw(randomFor(7, 'kill the API'));
    draw(randomFor(7, 'the store answers 503'), 1000);
    expect(draw(randomFor(7, 'kill the API'))).toEqual(alone);
    expect(draw(randomFor(7, 'kill Redis'))).not.toEqual(alone);
    expect(draw(randomFor(8, 'kill the API'))).not.toEqual(alone);
  });

  test('faults strike at any moment of the first half of the work, in order', () => {
    for (let seed = 0; seed < 50; seed++) {
      const moments = chooseMoments(createRandom(seed), 3, 200);
      expect(moments).toEqual(moments.toSorted((a, b) => a - b));
      expect(moments.every((moment) => moment >= 1 && moment <= 200)).toBe(true);
    }
    const first = (seed: number) => chooseMoments(createRandom(seed), 1, 200)[0] ?? 0;
    const all = Array.from({ length: 50 }, (_, seed) => first(seed));
    expect(Math.min(...all)).toBeLessThan(20);
    expect(Math.max(...all)).toBeGreaterThan(180);
  });
});
