import { describe, expect, test } from 'vitest';
import { days, eventId, integer, moment, param, scopeList } from './parse.ts';

describe('an option of the engine', () => {
  test('is collected, with numbers and truth values as such', () => {
    const parse = param('--param');
    const given = ['longEdge=4096', 'format=png', 'label=true', 'tilt=-0.5', 'note=a=b', 'empty='];
    expect(given.reduce<unknown>((before, text) => parse(text, before), undefined)).toEqual({
      longEdge: 4096,
      format: 'png',
      label: true,
      tilt: -0.5,
      note: 'a=b',
      empty: '',
    });
  });

  test.each(['longEdge', '=4', '1=2', ''])('%j is refused with the way to write it', (text) => {
    expect(() => param('--param')(text)).toThrow(/give NAME=VALUE/);
  });
});

test.each(['foo', '-1', '1.5', '', '9'.repeat(20)])('%j is no id of an event', (text) => {
  expect(() => eventId('--after')(text)).toThrow(/whole numbers/);
});

test('the id of an event stays what it is', () => expect(eventId('--after')('0042')).toBe('0042'));

test('a whole number may be below zero where its limits say so', () => {
  expect(integer('--horizon', -20_000, 40_000)('-150')).toBe(-150);
  for (const text of ['-1', '4', '1.5', '1e0', '- 1', ''])
    expect(() => integer('--variations', 1, 3)(text)).toThrow(/give a whole number from 1 to 3/);
});

describe('a moment', () => {
  test.each([
    ['2026-03-01', '2026-03-01T00:00:00.000Z'],
    ['2026-03-01 10:30', '2026-03-01T10:30:00.000Z'],
    ['2026-03-01T10:30:05Z', '2026-03-01T10:30:05.000Z'],
    ['2026-03-01T10:30:05+02:00', '2026-03-01T08:30:05.000Z'],
  ])('%s is %s, whatever the zone of the machine', (text, at) => {
    expect(moment('--since')(text)).toBe(at);
  });
  test.each([
    ['24h', 86_400_000],
    ['7d', 604_800_000],
  ])('%s is so long ago', (text, ms) => {
    const ago = Date.now() - Date.parse(moment('--since')(text));
    expect(Math.abs(ago - ms)).toBeLessThan(60_000);
  });
  test.each(['yesterday', '7', '2026-13-01', '2026-3-1', '7 d', ''])('%j is refused', (text) => {
    expect(() => moment('--since')(text)).toThrow(/give a date/);
  });
});

test('days and weeks', () => {
  expect(['1d', '4w'].map(days('--expires', 365))).toEqual([1, 28]);
  for (const text of ['0d', '366d', '53w', '30', 'd', '1.5d'])
    expect(() => days('--expires', 365)(text)).toThrow(/like 30d or 4w/);
});

test('scopes come one by one or together, and each once', () => {
  expect(
    ['a:b,c:d', 'a:b e:f'].reduce<unknown>((before, text) => scopeList(text, before), undefined),
  ).toEqual(['a:b', 'c:d', 'e:f']);
  for (const text of ['', ' , ', 'all', 'a:b;c']) expect(() => scopeList(text)).toThrow(/images:read/);
});
