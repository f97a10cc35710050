import { describe, expect, test } from 'vitest';
import { findBrowserOpener } from './browser.ts';
import { chooseIdentity } from './identity.ts';

describe('whether a browser is opened', () => {
  const desktop = { DISPLAY: ':0' };
  const all = () => true;
  test.each([
    ['a desktop', desktop, 'linux', true, all, 'xdg-open'],
    ['Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', true, all, 'xdg-open'],
    ['a desktop without the program', desktop, 'linux', true, () => false, undefined],
    ['no display', {}, 'linux', true, all, undefined],
    ['SSH with X forwarding', { ...desktop, SSH_CONNECTION: '1 2 3 4' }, 'linux', true, all, undefined],
    ['SSH on a Mac', { SSH_TTY: '/dev/ttys1' }, 'darwin', true, all, undefined],
    ['CI', { ...desktop, CI: 'true' }, 'linux', true, all, undefined],
    ['a pipe', desktop, 'linux', false, all, undefined],
    ['a Mac', {}, 'darwin', true, all, 'open'],
    ['Windows', {}, 'win32', true, all, 'explorer.exe'],
    ['WSL', { WSL_DISTRO_NAME: 'Debian' }, 'linux', true, all, 'wslview'],
    [
      'WSL without wslu',
      { WSL_INTEROP: '/run/x' },
      'linux',
      true,
      (p: string) => p === 'explorer.exe',
      'explorer.exe',
    ],
  ] as const)('%s', (_name, env, platform, isTTY, has, opener) => {
    expect(findBrowserOpener({ env, platform, isTTY, has })).toBe(opener);
  });
});

describe('who a command acts as', () => {
  const client = { STAGER_CLIENT_ID: 'id', STAGER_CLIENT_SECRET: 'secret' };
  test.each([
    ['nothing set', {}, { source: 'login' }],
    ['empty variables', { STAGER_TOKEN: '', STAGER_CLIENT_ID: '' }, { source: 'login' }],
    ['a token', { STAGER_TOKEN: 't' }, { source: 'STAGER_TOKEN', token: 't' }],
    ['a machine client', client, { source: 'STAGER_CLIENT_ID', clientId: 'id', clientSecret: 'secret' }],
    ['both: the token wins', { ...client, STAGER_TOKEN: 't' }, { source: 'STAGER_TOKEN', token: 't' }],
  ])('%s', (_name, env, identity) => {
    expect(chooseIdentity(env)).toEqual(identity);
  });
  test.each([{ STAGER_CLIENT_ID: 'id' }, { STAGER_CLIENT_SECRET: 'secret' }])(
    'half a machine client: %o',
    (env) => {
      expect(() => chooseIdentity(env)).toThrow(
        expect.objectContaining({ exit: 4, code: 'credentials_incomplete' }),
      );
    },
  );
});
