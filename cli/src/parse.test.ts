import { describe, expect, test } from 'vitest';
import { eventId, param } from './parse.ts';

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
