import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tempDir } from '../testing/tempDir.ts';
import { configDir, settingsFile } from './paths.ts';
import { parseApiUrl, resolveSettings } from './resolve.ts';
import { readSettings, type Settings, writeSettings } from './store.ts';

const two: Settings = {
  profile: 'work',
  profiles: { work: { apiUrl: 'https://work.example.com' }, local: { apiUrl: 'http://127.0.0.1:4600' } },
};
const none: Settings = { profiles: {} };
const only: Settings = { profiles: { local: { apiUrl: 'http://127.0.0.1:4700' } } };
const flagUrl = 'https://flag.example.com';
const envUrl = 'https://env.example.com';

describe('precedence: flag, environment, profile, default', () => {
  test.each([
    ['nothing at all', {}, {}, none, 'default', 'default', 'http://127.0.0.1:4600', 'default'],
    ['one profile, not chosen', {}, {}, only, 'local', 'config', 'http://127.0.0.1:4700', 'profile'],
    ['a chosen profile', {}, {}, two, 'work', 'config', 'https://work.example.com', 'profile'],
    [
      'STAGER_PROFILE',
      {},
      { STAGER_PROFILE: 'local' },
      two,
      'local',
      'environment',
      'http://127.0.0.1:4600',
      'profile',
    ],
    [
      '--profile',
      { profile: 'local' },
      { STAGER_PROFILE: 'x' },
      two,
      'local',
      'flag',
      'http://127.0.0.1:4600',
      'profile',
    ],
    ['STAGER_API_URL', {}, { STAGER_API_URL: envUrl }, two, 'work', 'config', envUrl, 'environment'],
    ['--api-url', { apiUrl: flagUrl }, { STAGER_API_URL: envUrl }, two, 'work', 'config', flagUrl, 'flag'],
    [
      'a new profile with an address',
      { profile: 'new', apiUrl: flagUrl },
      {},
      two,
      'new',
      'flag',
      flagUrl,
      'flag',
    ],
  ])('%s', (_name, flags, env, settings, profile, profileFrom, url, urlFrom) => {
    const resolved = resolveSettings(flags, env, settings);
    expect(resolved.profile).toEqual({ value: profile, source: profileFrom });
    expect(resolved.apiUrl).toEqual({ value: url, source: urlFrom });
  });

  test('a profile that is not there is a usage error with the one that was meant', () => {
    expect(() => resolveSettings({ profile: 'wrok' }, {}, two)).toThrow(
      expect.objectContaining({ exit: 2, hint: expect.stringContaining('work') }),
    );
  });
});

describe('the address of an API', () => {
  test.each(['https://api.example.com/', 'http://localhost:4600', 'https://example.com/stager/'])(
    '%s',
    (url) => {
      expect(parseApiUrl(url, 'x')).toBe(url.replace(/\/$/, ''));
    },
  );
  test.each([
    'api.example.com',
    'ftp://example.com',
    'https://u:p@example.com',
    'https://a.example/?q=1',
    '',
  ])('not %s', (url) => expect(() => parseApiUrl(url, 'x')).toThrow(expect.objectContaining({ exit: 2 })));
});

describe('the file', () => {
  test('is readable by its owner alone, in a folder of the owner', async () => {
    const dir = join(tempDir(), 'config');
    await writeSettings(dir, two);
    expect(statSync(settingsFile(dir)).mode & 0o777).toBe(0o600);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(await readSettings(dir)).toEqual(two);
  });

  test('only looking makes nothing', async () => {
    const dir = join(tempDir(), 'config');
    expect(await readSettings(dir)).toEqual(none);
    expect(existsSync(dir)).toBe(false);
  });

  test('keys of later versions are kept', async () => {
    const dir = tempDir();
    writeFileSync(
      settingsFile(dir),
      JSON.stringify({ profiles: { local: { apiUrl: 'http://127.0.0.1:1', later: 1 } }, also: 2 }),
    );
    const read = await readSettings(dir);
    await writeSettings(dir, { ...read, profile: 'local' });
    expect(JSON.parse(readFileSync(settingsFile(dir), 'utf8'))).toEqual({
      profile: 'local',
      profiles: { local: { apiUrl: 'http://127.0.0.1:1', later: 1 } },
      also: 2,
    });
  });

  test.each([
    '{',
    '{"profiles": []}',
    '{"profiles": {"a": 1}}',
    '{"profiles": {"a": {"apiUrl": 1}}}',
    '{"profiles": {"a": {"concurrency": "4"}}}',
    '{"profiles": {"a": {"concurrency": 0}}}',
    '{"profiles": {"a": {"concurrency": 65}}}',
    '{"profiles": {"a": {"concurrency": 1.5}}}',
    '{"profile": 1}',
  ])('that cannot be used is told and left alone: %s', async (text) => {
    const dir = tempDir();
    writeFileSync(settingsFile(dir), text);
    await expect(readSettings(dir)).rejects.toMatchObject({
      code: 'settings_invalid',
      exit: 2,
      message: expect.stringMatching(/[^.]\.$/),
    });
    expect(readFileSync(settingsFile(dir), 'utf8')).toBe(text);
  });
});

describe('the folder', () => {
  test.each([
    [{ STAGER_CONFIG_DIR: '/a', XDG_CONFIG_HOME: '/x' }, 'linux', '/a'],
    [{ XDG_CONFIG_HOME: '/x' }, 'linux', '/x/stager'],
    [{ APPDATA: '/appdata' }, 'win32', '/appdata/stager'],
  ] as const)('%o on %s is %s', (env, platform, dir) => {
    expect(configDir(env, platform)).toBe(dir);
  });
  test('without any: below the home', () => {
    expect(configDir({}, 'linux')).toMatch(/\/\.config\/stager$/);
  });
});
