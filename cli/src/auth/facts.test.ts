import { describe, expect, test } from 'vitest';
import { findBrowserOpener } from './browser.ts';
import { chooseIdentity } from './identity.ts';

describe('whether a browser is opened', () => {
  const desktop = { DISPLAY: ':0' };
  const all = () => true;
  const plain = '6.12.0-amd64';
  const wsl = '5.15.167.4-microsoft-standard-WSL2';
  const one = (name: string) => (program: string) => program === name;
  test.each([
    ['a desktop', desktop, 'linux', plain, true, all, 'xdg-open'],
    ['Wayland', { WAYLAND_DISPLAY: 'wayland-0' }, 'linux', plain, true, all, 'xdg-open'],
    ['a desktop without the program', desktop, 'linux', plain, true, () => false, undefined],
    ['no display', {}, 'linux', plain, true, all, undefined],
    [
      'SSH with X forwarding',
      { ...desktop, SSH_CONNECTION: '1 2 3 4' },
      'linux',
      plain,
      true,
      all,
      undefined,
    ],
    ['SSH, as it is after sudo', { ...desktop, SSH_TTY: '/dev/pts/1' }, 'linux', plain, true, all, undefined],
    ['SSH on a Mac', { SSH_TTY: '/dev/ttys1' }, 'darwin', '24.0.0', true, all, undefined],
    ['SSH into WSL', { SSH_CONNECTION: '1 2 3 4' }, 'linux', wsl, true, all, undefined],
    ['CI', { ...desktop, CI: 'true' }, 'linux', plain, true, all, undefined],
    ['a pipe', desktop, 'linux', plain, false, all, undefined],
    ['a Mac', {}, 'darwin', '24.0.0', true, all, 'open'],
    ['Windows', {}, 'win32', '10.0.26100', true, all, 'explorer.exe'],
    ['a kernel of WSL 2', {}, 'linux', wsl, true, all, 'wslview'],
    ['a kernel of WSL 1', {}, 'linux', '4.4.0-19041-Microsoft', true, all, 'wslview'],
    ['WSL without wslu', {}, 'linux', wsl, true, one('explorer.exe'), 'explorer.exe'],
    ['WSL without Windows on the path', {}, 'linux', wsl, true, one('xdg-open'), undefined],
    ['WSL with a desktop of its own', desktop, 'linux', wsl, true, one('xdg-open'), 'xdg-open'],
    ['variables of WSL', { WSL_DISTRO_NAME: 'Debian' }, 'linux', 'custom', true, all, 'wslview'],
  ] as const)('%s', (_name, env, platform, release, isTTY, has, opener) => {
    expect(findBrowserOpener({ env, platform, release, isTTY, has })).toBe(opener);
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
