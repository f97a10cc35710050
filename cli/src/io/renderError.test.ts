import { describe, expect, test } from 'vitest';
import type { ErrorReport } from '../errors.ts';
import { describeFailure, renderError } from './renderError.ts';
import { createStyle } from './style.ts';

const plain = { style: createStyle(false), columns: 60 };
const colour = { style: createStyle(true), columns: 60 };
const report = (more: Partial<ErrorReport> = {}): ErrorReport => ({
  code: 'not_ready',
  message: 'The image has failed: there is nothing to download.',
  hint: null,
  requestId: null,
  docsUrl: null,
  retryable: false,
  next: [],
  ...more,
});

describe('an error for a person', () => {
  test('what, what to do, the next command, where to read on, and the request', () => {
    const text = renderError(
      report({
        hint: `A hint ${'that goes on '.repeat(6)}and on.`,
        next: [{ command: 'stager login', when: 'to log in' }],
        docsUrl: 'https://docs.example.com',
        requestId: 'r-1',
      }),
      plain,
    );
    const lines = text.split('\n');
    expect(lines[0]).toBe('error: The image has failed: there is nothing to download.');
    expect(lines.slice(-4)).toEqual([
      '  To log in:',
      '    stager login',
      '  https://docs.example.com',
      '  request r-1',
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  });

  test.each(['interrupted', 'declined'])('%s is what was asked for, and no error', (code) => {
    expect(renderError(report({ code, message: 'Interrupted.' }), plain)).toBe('Interrupted.');
  });
});

describe('one of several that failed', () => {
  test('its id, why, and what to do about it', () => {
    const step = { command: 'stager images retry img_1', when: 'to try it again' };
    expect(describeFailure('img_1', report({ hint: 'Look.', next: [step] }), plain)).toBe(
      [
        'img_1  failed  The image has failed: there is nothing to',
        '  download.',
        '  Look.',
        '  To try it again: stager images retry img_1',
      ].join('\n'),
    );
  });
  test('stands out in colour', () => {
    expect(describeFailure('img_1', report(), colour)).toContain('\u001b[31mfailed\u001b[39m');
  });
});
