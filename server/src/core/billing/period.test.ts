import { expect, test } from 'vitest';
import { periodOf } from './period.ts';

const iso = ({ start, end }: { start: Date; end: Date }) => [start.toISOString(), end.toISOString()];

test.each([
  ['2026-11-24T09:00:00Z', '2026-11-01T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
  ['2026-12-31T23:59:59.999Z', '2026-12-01T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
  ['2027-01-01T00:00:00Z', '2027-01-01T00:00:00.000Z', '2027-02-01T00:00:00.000Z'],
  // It is still February there.
  ['2028-03-01T00:30:00+02:00', '2028-02-01T00:00:00.000Z', '2028-03-01T00:00:00.000Z'],
])('without a subscription, at %s it is the month in UTC', (at, start, end) => {
  expect(iso(periodOf(null, new Date(at)))).toEqual([start, end]);
});

test.each([
  ['within its period', '2026-11-03T10:00:00Z', '2026-11-03T10:00:00.000Z', '2026-12-03T10:00:00.000Z'],
  // The clock of Stripe may be ahead of ours.
  ['a moment before it', '2026-11-03T09:59:59Z', '2026-11-03T10:00:00.000Z', '2026-12-03T10:00:00.000Z'],
  ['just before its end', '2026-12-03T09:59:59Z', '2026-11-03T10:00:00.000Z', '2026-12-03T10:00:00.000Z'],
  [
    'at its end, and nothing was heard of its renewal',
    '2026-12-03T10:00:00Z',
    '2026-12-03T10:00:00.000Z',
    '2027-01-03T10:00:00.000Z',
  ],
])('with a subscription, %s', (_, at, start, end) => {
  const subscription = {
    periodStart: new Date('2026-11-03T10:00:00Z'),
    periodEnd: new Date('2026-12-03T10:00:00Z'),
  };
  expect(iso(periodOf(subscription, new Date(at)))).toEqual([start, end]);
});

test('a period that began on a 31st goes on to the last day of a shorter month', () => {
  const subscription = {
    periodStart: new Date('2026-12-31T08:00:00Z'),
    periodEnd: new Date('2027-01-31T08:00:00Z'),
  };
  expect(iso(periodOf(subscription, new Date('2027-02-01T00:00:00Z')))).toEqual([
    '2027-01-31T08:00:00.000Z',
    '2027-02-28T08:00:00.000Z',
  ]);
});
