import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys } from './compareKeys.ts';

const text = fc.string({
  unit: fc.constantFrom('a', 'b', '/', '-', 'é', '\ud83d\ude00', '\uffee', '\ue000'),
});

test('keys are compared by the bytes of their UTF-8', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
    }),
  );
});
