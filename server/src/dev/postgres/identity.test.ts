import { describe, expect, test } from 'vitest';
import { allows, ancestors, commandAs, decideRunAs } from './identity.ts';

describe('how the Postgres programs are run', () => {
  const never = () => {
    throw new Error('user namespaces were probed without need');
  };

  test.each([
    { root: false, blockedAt: null, namespace: never, kind: 'self' },
    { root: true, blockedAt: null, namespace: never, kind: 'drop' },
    { root: true, blockedAt: '/root', namespace: () => true, kind: 'namespace' },
  ])('root $root, blocked at $blockedAt: $kind', ({ root, blockedAt, namespace, kind }) => {
    expect(decideRunAs({ root, blockedAt, namespaceWorks: namespace }).kind).toBe(kind);
  });

  test('when nothing works, the message names the folder and the way out', () => {
    const facts = { root: true, blockedAt: '/root', namespaceWorks: () => false };
    expect(() => decideRunAs(facts)).toThrow(/chmod o\+rx \/root/);
  });

  test('a namespace wraps the command, a drop sets the user', () => {
    const wrapped = commandAs({ kind: 'namespace' }, '/bin/postgres', ['-D', 'x']);
    expect([wrapped.command, ...wrapped.args]).toEqual([
      'unshare',
      '-U',
      '--map-user=65534',
      '/bin/postgres',
      '-D',
      'x',
    ]);
    expect(commandAs({ kind: 'drop', uid: 7, gid: 8 }, 'p', [])).toEqual({
      command: 'p',
      args: [],
      options: { uid: 7, gid: 8 },
    });
  });
});

describe('what nobody may do', () => {
  test.each([
    { mode: 0o755, uid: 0, gid: 0, pass: true, read: true },
    { mode: 0o711, uid: 0, gid: 0, pass: true, read: false },
    { mode: 0o700, uid: 0, gid: 0, pass: false, read: false },
    { mode: 0o700, uid: 65_534, gid: 0, pass: true, read: true },
    { mode: 0o077, uid: 65_534, gid: 0, pass: false, read: false },
    { mode: 0o750, uid: 0, gid: 65_534, pass: true, read: true },
  ])('mode $mode of $uid:$gid', ({ pass, read, ...stat }) => {
    expect(allows(stat, 'pass')).toBe(pass);
    expect(allows(stat, 'read and pass')).toBe(read);
  });

  test('every folder above counts', () => {
    expect(ancestors('/a/b')).toEqual(['/', '/a', '/a/b']);
  });
});
