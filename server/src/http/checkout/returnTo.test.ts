import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeReturn } from './returnTo.ts';

test.each([
  ['/billing', '/billing'],
  ['/billing/checkout?ticket=tkt_1.acc_2.x', '/billing/checkout?ticket=tkt_1.acc_2.x'],
  ['/billing/checkout?plan=pro#x', '/billing/checkout?plan=pro'],
  [undefined, '/billing'],
  [null, '/billing'],
  ['', '/billing'],
  ['/', '/billing'],
  ['/v1/accounts', '/billing'],
  ['/billings', '/billing'],
  ['https://evil.example/billing', '/billing'],
  ['https://evil.example/billing/checkout?plan=pro', '/billing'],
  ['//evil.example/billing', '/billing'],
  ['/\\evil.example/billing', '/billing'],
  ['\\\\evil.example/billing', '/billing'],
  ['/\t/evil.example/billing', '/billing'],
  ['javascript:alert(1)//billing', '/billing'],
  ['/billing/../v1/me', '/billing'],
  ['/billing/%2e%2e/v1/me', '/billing'],
  ['/billing/login?return=/billing', '/billing'],
  ['/billing/callback?code=x', '/billing'],
  [`/billing?${'x'.repeat(600)}`, '/billing'],
])('%j leads to %s', (text, wanted) => {
  expect(safeReturn(text)).toBe(wanted);
});

test('whatever it is, it stays on this site and below /billing', () => {
  const pieces = fc.constantFrom(
    '/',
    '\\',
    '//',
    'billing',
    ':',
    '@',
    '?',
    '#',
    '\t',
    '\r\n',
    '..',
    'https',
    'e.example',
  );
  const texts = fc.oneof(
    fc.string(),
    fc.webUrl(),
    fc.array(pieces).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => {
      const url = new URL(safeReturn(text), 'https://stager.example');
      expect(url.origin).toBe('https://stager.example');
      expect(url.pathname).toMatch(/^\/billing(\/|$)/);
      expect(safeReturn(text)).not.toMatch(/^\/[/\\]|[\r\n]/);
    }),
  );
});
