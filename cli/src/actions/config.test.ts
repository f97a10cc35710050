import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { speak } from '../testing/inProcess.ts';
import { tempDir } from '../testing/tempDir.ts';

function setUp(env = {}) {
  const dir = tempDir();
  const config = (...args: string[]) => speak(['config', ...args], { STAGER_CONFIG_DIR: dir, ...env });
  return { dir, config, stored: () => JSON.parse(readFileSync(`${dir}/config.json`, 'utf8')) };
}

describe('stager config', () => {
  test('what is set is in force, and is listed with where it comes from', async () => {
    const { config, stored } = setUp();
    expect((await config('set', 'apiUrl', 'https://api.example.com/')).stdout).toBe(
      'apiUrl of the profile default is https://api.example.com.\n',
    );
    expect((await config('set', 'concurrency', '4', '--profile', 'work')).code).toBe(0);
    expect(stored().profiles).toEqual({
      default: { apiUrl: 'https://api.example.com' },
      work: { concurrency: 4 },
    });
    const { stdout } = await config('list', '--profile', 'work', '--api-url', 'http://127.0.0.1:1');
    expect(stdout).toMatch(/^profile +work +flag$/m);
    expect(stdout).toMatch(/^apiUrl +http:\/\/127\.0\.0\.1:1 +flag$/m);
    expect(stdout).toMatch(/^concurrency +4 +profile$/m);
    expect(stdout).toContain(' default  https://api.example.com\n* work  no apiUrl');
  });

  test('nothing set: the defaults', async () => {
    const { config } = setUp();
    const { stdout } = await config('list');
    expect(stdout).toMatch(/^apiUrl +http:\/\/127\.0\.0\.1:4600 +default$/m);
    expect(stdout).toMatch(/^concurrency +adapts to the network +default$/m);
    expect(stdout).not.toContain('Profiles');
    const { settings } = JSON.parse((await config('list', '--json')).stdout);
    expect(settings.concurrency).toEqual({ value: null, source: 'default' });
  });

  test('one value, for a script', async () => {
    const { config } = setUp({ STAGER_PROFILE: 'work', STAGER_API_URL: 'https://a.example' });
    expect((await config('get', 'profile')).stdout).toBe('work\n');
    expect((await config('get', 'apiUrl')).stdout).toBe('https://a.example\n');
    // Nothing is in force, so nothing is printed.
    expect((await config('get', 'concurrency')).stdout).toBe('');
    expect(JSON.parse((await config('get', 'concurrency', '--json')).stdout)).toEqual({
      key: 'concurrency',
      value: null,
      source: 'default',
    });
  });

  test('what is unset is gone, and the rest of the profile stays', async () => {
    const { config, stored } = setUp();
    await config('set', 'apiUrl', 'https://a.example');
    await config('set', 'concurrency', '4');
    expect((await config('unset', 'concurrency')).stdout).toBe(
      'concurrency of the profile default is no longer set.\n',
    );
    expect(stored().profiles).toEqual({ default: { apiUrl: 'https://a.example' } });
  });

  test('a profile is taken into use by its name', async () => {
    const { config } = setUp();
    await config('set', 'apiUrl', 'https://a.example', '--profile', 'work');
    await config('set', 'concurrency', '2', '--profile', 'plain');
    expect((await config('use', 'work')).stdout).toBe('The profile work is in use: https://a.example.\n');
    expect((await config('get', 'profile')).stdout).toBe('work\n');
    expect((await config('use', 'plain')).stdout).toBe('The profile plain is in use.\n');
  });

  test.each([
    [['set', 'concurrency', '0'], 'whole number from 1 to 64', ''],
    [['set', 'concurrency', '65'], 'whole number from 1 to 64', ''],
    [['set', 'concurrency', 'many'], 'whole number from 1 to 64', ''],
    [['set', 'apiUrl', 'api.example.com'], 'apiUrl is not the address of an API', 'https://api.example.com'],
    [['set', 'apiUlr', 'x'], 'There is no setting apiUlr', 'Did you mean apiUrl?'],
    [['set', 'profile', 'x'], 'There is no setting profile', 'Settings: apiUrl, concurrency'],
    [
      ['get', 'zzzzzzzzz'],
      'There is no setting zzzzzzzzz',
      'Settings: apiUrl, concurrency, pictures, profile',
    ],
    [['get', 'toString'], 'There is no setting toString', 'Settings: '],
    [
      ['set', 'concurrency', '4', '--profile', 'a b'],
      'cannot be the name of a profile',
      'letters, digits, dots',
    ],
    [['use', 'wrok'], 'There is no profile wrok', 'Did you mean work?'],
    [['use', 'production'], 'There is no profile production', '--profile production'],
    [['get', 'apiUrl', '--profile', 'wrok'], 'There is no profile wrok', 'Did you mean work?'],
    [['get', 'apiUrl', '--profile', 'production'], 'There is no profile production', 'Profiles: work\n'],
  ])('%j is refused with the way out, and changes nothing', async (args, what, hint) => {
    const { config, stored } = setUp();
    await config('set', 'apiUrl', 'https://a.example', '--profile', 'work');
    const before = stored();
    const { code, stdout, stderr } = await config(...args);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(what);
    expect(stderr).toContain(hint);
    expect(stored()).toEqual(before);
  });

  test('no profile at all: how to make one', async () => {
    const { code, stderr } = await setUp().config('get', 'apiUrl', '--profile', 'work');
    expect(code).toBe(2);
    expect(stderr).toContain('To create it:\n    stager config set apiUrl');
    expect(stderr).toContain('Profiles: none yet');
  });

  test('a folder that cannot be used is told with its path, and not as a bug', async () => {
    const { writeFileSync } = await import('node:fs');
    const file = `${tempDir()}/file`;
    writeFileSync(file, '');
    const { code, stderr } = await speak(['config', 'set', 'concurrency', '4'], {
      STAGER_CONFIG_DIR: `${file}/config`,
    });
    expect(code).toBe(1);
    expect(stderr).toContain(`${file}/config cannot be used: a part of the path is a file`);
    expect(stderr).not.toContain('bug');
  });
});
