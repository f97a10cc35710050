import { describe, expect, test } from 'vitest';
import { createKeyring } from './keyring.ts';

const [OLD, NEW] = ['old-secret-0123456789', 'new-secret-0123456789'];
const ring = createKeyring([OLD]);

describe('a keyring', () => {
  test('opens what it sealed, and shows nothing of it', () => {
    const sealed = ring.seal('session', 'refresh token', 'cookie');
    expect(sealed).not.toContain('refresh');
    expect(ring.open('session', sealed, 'cookie')).toBe('refresh token');
    expect(ring.seal('session', 'refresh token', 'cookie')).not.toBe(sealed);
  });

  test('opens nothing without the salt, for another purpose, with another secret, or changed', () => {
    const sealed = ring.seal('session', 'text', 'cookie');
    expect(ring.open('session', sealed)).toBeUndefined();
    expect(ring.open('session', sealed, 'other')).toBeUndefined();
    expect(ring.open('login', sealed, 'cookie')).toBeUndefined();
    expect(createKeyring([NEW]).open('session', sealed, 'cookie')).toBeUndefined();
    for (let at = 0; at < sealed.length - 1; at++) {
      const changed = `${sealed.slice(0, at)}${sealed[at] === 'A' ? 'B' : 'A'}${sealed.slice(at + 1)}`;
      expect(ring.open('session', changed, 'cookie')).toBeUndefined();
    }
    for (const nonsense of ['', 'x', '!!!!', 'A'.repeat(100)]) {
      expect(ring.open('session', nonsense, 'cookie')).toBeUndefined();
    }
  });

  test('signs for one purpose and one text', () => {
    const mac = ring.mac('csrf', 'text');
    expect(ring.verifies('csrf', 'text', mac)).toBe(true);
    expect(ring.verifies('csrf', 'texts', mac)).toBe(false);
    expect(ring.verifies('ticket', 'text', mac)).toBe(false);
    for (const wrong of ['', 'x', mac.slice(1), `${mac}=`])
      expect(ring.verifies('csrf', 'text', wrong)).toBe(false);
  });

  test('reads what older secrets made, until they are taken away', () => {
    const [mac, sealed] = [ring.mac('ticket', 'text'), ring.seal('session', 'text')];
    const both = createKeyring([NEW, OLD]);
    expect(both.verifies('ticket', 'text', mac)).toBe(true);
    expect(both.open('session', sealed)).toBe('text');
    expect(ring.verifies('ticket', 'text', both.mac('ticket', 'text'))).toBe(false);
    expect(ring.open('session', both.seal('session', 'text'))).toBeUndefined();
  });
});
