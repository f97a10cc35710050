import { expect, test } from 'vitest';
import { crossings, nextCrossing } from './crossings.ts';

const WARNING = 'billing.usage_warning';
const EXHAUSTED = 'billing.usage_exhausted';

test.each<
  [
    what: string,
    limit: number | null,
    units: number,
    overage: number,
    told: [number | null, number | null],
    events: string[],
  ]
>([
  ['little is used', 10, 7, 0, [null, null], []],
  ['four fifths are used', 10, 8, 0, [null, null], [WARNING]],
  ['it was told of four fifths', 10, 9, 0, [10, null], []],
  ['all is used', 10, 10, 0, [10, null], [EXHAUSTED]],
  ['all is used at once', 10, 10, 0, [null, null], [WARNING, EXHAUSTED]],
  ['it was told of all', 10, 10, 0, [10, 10], []],
  ['there is pay-as-you-go above it', 10, 15, 5, [10, 10], []],
  ['four fifths of a larger limit are used', 100, 80, 0, [10, 10], [WARNING]],
  ['the limit has become smaller than what is used', 10, 50, 0, [100, null], [WARNING, EXHAUSTED]],
  ['a fifth of the limit is no whole number', 7, 6, 0, [null, null], [WARNING]],
  ['a fifth of the limit is no whole number, and less is used', 7, 5, 0, [null, null], []],
  ['there is no limit', null, 1_000, 0, [null, null], []],
  ['nothing is included', 0, 0, 0, [null, null], []],
])('when %s', (_, limit, units, overage, [warnedLimit, exhaustedLimit], events) => {
  const usage = { periodStart: new Date(), units: 0, overage: 0, warnedLimit, exhaustedLimit };
  expect(crossings({ usage }, { limit, overageCap: 0, units, overage })).toEqual(events);
  // Below the next one there is none, and nobody has to wait to know.
  if (units - overage < nextCrossing({ limit }, usage)) expect(events).toEqual([]);
});
