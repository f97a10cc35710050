import { describe, expect, test } from 'vitest';
import { clean, toJson } from './clean.ts';
import { canAnimate, canPrompt } from './io.ts';
import { wantsColor } from './style.ts';
import { renderTable } from './table.ts';
import { fit, formatAge, formatBytes, formatSeconds, padTo, shellQuote, textWidth } from './text.ts';

describe('colour', () => {
  test.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['NO_COLOR that is empty', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
    ['FORCE_COLOR on a pipe', false, { FORCE_COLOR: '1' }, true],
    ['FORCE_COLOR with NO_COLOR', false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    ['FORCE_COLOR=0', true, { FORCE_COLOR: '0' }, false],
  ])('%s', (_name, isTTY, env, colour) => {
    expect(wantsColor({ isTTY, env })).toBe(colour);
  });
});

describe('prompts and animation', () => {
  test.each([
    ['a person at a terminal', true, true, {}, false, true, true],
    ['stdin is a pipe', false, true, {}, false, false, true],
    ['stderr is a pipe', true, false, {}, false, false, false],
    ['CI', true, true, { CI: 'true' }, false, false, false],
    ['CI=false', true, true, { CI: 'false' }, false, true, true],
    ['a dumb terminal', true, true, { TERM: 'dumb' }, false, false, false],
    ['--json', true, true, {}, true, false, false],
  ])('%s', (_name, stdin, stderr, env, json, prompt, animate) => {
    expect(canPrompt({ stdin, stderr, env, json })).toBe(prompt);
    expect(canAnimate({ stderr, env, json })).toBe(animate);
  });
});

describe('text of others', () => {
  test.each([
    ['colour codes', '\u001b[31mred\u001b[0m', 'red'],
    ['a title change', '\u001b]0;pwned\u0007hall.jpg', 'hall.jpg'],
    ['line breaks', 'a\r\nerror: forged', 'a error: forged'],
    ['one-byte CSI', 'a\u009b2Jb', 'ab'],
    ['text direction', 'gpj.\u202ellah', 'gpj. llah'],
    ['plain text', 'Küche (2).jpg', 'Küche (2).jpg'],
  ])('%s cannot reach the terminal', (_name, given, shown) => {
    expect(clean(given)).toBe(shown);
  });

  test('JSON keeps every character, and none that a terminal obeys', () => {
    const value = { name: 'a\u009b2J\u202eb\u001b[31m' };
    const text = toJson(value);
    expect(JSON.parse(text)).toEqual(value);
    expect(text).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe('widths', () => {
  test('wide characters count two, marks none', () => {
    expect(textWidth('寝室.jpg')).toBe(8);
    expect(textWidth('e\u0301')).toBe(1);
    expect(textWidth('\u001b[31mab\u001b[0m')).toBe(2);
  });
  test('text is cut to a width with an ellipsis', () => {
    expect(fit('kitchen.jpg', 20)).toBe('kitchen.jpg');
    expect(fit('kitchen.jpg', 6)).toBe('kitch…');
    expect(textWidth(fit('寝室寝室', 4))).toBeLessThanOrEqual(4);
    expect(fit('x', 0)).toBe('');
    expect(padTo('寝', 4)).toBe('寝  ');
  });
  test('a table stays within its terminal and cuts what is flexible', () => {
    const rows = [
      ['img_01', 'a photo with quite a long name indeed.jpg', 'ready'],
      ['img_02', 'b.jpg', 'error'],
    ];
    const columns = [{ title: 'ID' }, { title: 'NAME', flexible: true }, { title: 'STATE' }];
    const lines = renderTable(columns, rows, 40).split('\n');
    expect(lines).toHaveLength(3);
    expect(Math.max(...lines.map(textWidth))).toBeLessThanOrEqual(40);
    expect(lines[1]).toContain('…');
    expect(lines[2]).toContain('b.jpg');
    expect(renderTable(columns, rows, 200)).toContain('a photo with quite a long name indeed.jpg');
  });
});

describe('numbers for people', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [999_600, '1.0 MB'],
    [12_345_678, '12.3 MB'],
    [123_456_789, '123 MB'],
  ])('%d bytes are %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));
  test.each([
    [0, '0 s'],
    [0.42, '0.4 s'],
    [42, '42 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [7800, '2 h 10 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatSeconds(seconds)).toBe(text));
  test.each([
    [5, '5 s ago'],
    [300, '5 min ago'],
    [7200, '2 h ago'],
    [200_000, '2 d ago'],
  ])('%d seconds before is %s', (seconds, text) => {
    const now = Date.parse('2026-01-10T00:00:00Z');
    expect(formatAge(new Date(now - seconds * 1000).toISOString(), now)).toBe(text);
  });
  test('words are quoted as a shell needs it', () => {
    expect(shellQuote('./listing-42')).toBe('./listing-42');
    expect(shellQuote("Elm's house")).toBe("'Elm'\\''s house'");
  });
});
