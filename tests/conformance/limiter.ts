import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Limiter } from '../../server/src/ports/index.ts';

export const TEST_LIMITS = { read: 5, write: 3, stream: 2, public: 2 } as const;

/** What every Limiter does, with the limits above. */
export function describeLimiter(
  name: string,
  open: () => Promise<Limiter>,
  close: () => Promise<void>,
): void {
  describe(`limiter: ${name}`, () => {
    let limiter: Limiter;
    beforeAll(async () => {
      limiter = await open();
    });
    afterAll(close);

    test('lets through what fits a minute, tells what is left, refuses the rest', async () => {
      const answers = [];
      for (let n = 0; n < 7; n++) answers.push(await limiter.take('read', 'account:a'));
      expect(answers.map(({ allowed }) => allowed)).toEqual([true, true, true, true, true, false, false]);
      expect(answers.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0, 0]);
      for (const { limit, resetSeconds } of answers) {
        expect(limit).toBe(TEST_LIMITS.read);
        expect(resetSeconds).toBeGreaterThan(0);
        expect(resetSeconds).toBeLessThanOrEqual(60);
      }
    });

    test('keys and classes have budgets of their own', async () => {
      for (let n = 0; n < 3; n++) expect((await limiter.take('write', 'account:b')).allowed).toBe(true);
      expect((await limiter.take('write', 'account:b')).allowed).toBe(false);
      expect((await limiter.take('write', 'account:c')).allowed).toBe(true);
      expect((await limiter.take('read', 'account:b')).allowed).toBe(true);
    });

    test('of many at once no more get through than fit', async () => {
      const answers = await Promise.all(Array.from({ length: 40 }, () => limiter.take('read', 'account:d')));
      expect(answers.filter(({ allowed }) => allowed)).toHaveLength(TEST_LIMITS.read);
    });
  });
}
