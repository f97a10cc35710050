import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeLocalProfile } from './cliProfile.ts';
import { lockByFile, lockData } from './lock.ts';
import { DEFAULT_PORT, readOptions } from './options.ts';
import { choosePorts } from './ports.ts';
import { loadSecrets } from './secrets.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stager-dev-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

describe('options', () => {
  test('nothing given is the default', () => {
    expect(readOptions([])).toEqual({ dataDir: resolve('.stager'), port: DEFAULT_PORT, autoApprove: false });
  });
  test('all given', () => {
    expect(readOptions(['--data', dir, '--port', '0', '--auto-approve'])).toEqual({
      dataDir: dir,
      port: 0,
      autoApprove: true,
    });
  });
  test('help', () => expect(readOptions(['--help'])).toBe('help'));
  test.each([[['--port', 'x']], [['--port', '70000']], [['--port', '1.5']], [['--nope']], [['extra']]])(
    '%j is refused',
    (argv) => {
      expect(() => readOptions(argv)).toThrow(expect.objectContaining({ name: 'UsageError' }));
    },
  );
});

describe('one stack a folder', () => {
  test.each([
    ['as this platform does it', lockData],
    ['by a file', async (folder: string) => lockByFile(folder)],
  ])('the second is refused until the first is gone, %s', async (_name, lock) => {
    const first = await lock(dir);
    await expect(lock(dir)).rejects.toMatchObject({
      name: 'DataInUse',
      message: expect.stringContaining('already'),
    });
    first.release();
    await expect
      .poll(() =>
        lock(dir)
          .then((second) => second.release())
          .then(
            () => 'free',
            () => 'held',
          ),
      )
      .toBe('free');
  });
  test('a file that a dead process left is no lock', () => {
    writeFileSync(join(dir, 'lock'), '999999999');
    lockByFile(dir).release();
  });
});

describe('ports', () => {
  test('three different ones, the same again after a restart', async () => {
    const first = await choosePorts(dir, 0);
    expect(new Set([first.api, first.issuer, first.postgres]).size).toBe(3);
    expect(await choosePorts(dir, 0)).toEqual(first);
  });
  test('one that is asked for and taken is refused, one that is remembered and taken is replaced', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    await expect(choosePorts(dir, port)).rejects.toMatchObject({ name: 'PortTaken' });
    writeFileSync(join(dir, 'ports.json'), JSON.stringify({ api: port, issuer: port, postgres: port }));
    expect(Object.values(await choosePorts(dir, 0))).not.toContain(port);
    await new Promise((done) => server.close(done));
  });
  test('a broken file is no obstacle', async () => {
    writeFileSync(join(dir, 'ports.json'), '{');
    expect((await choosePorts(dir, 0)).api).toBeGreaterThan(0);
  });
});

test('secrets are made once and are for their owner alone', () => {
  const first = loadSecrets(dir);
  expect(loadSecrets(dir)).toEqual(first);
  expect(new Set(Object.values(first)).size).toBe(Object.keys(first).length);
  expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
  writeFileSync(join(dir, 'secrets.json'), 'broken');
  expect(loadSecrets(dir).objects).not.toBe(first.objects);
});

describe('the profile of the command line', () => {
  const read = () => JSON.parse(readFileSync(join(dir, 'config.json'), 'utf8'));
  const env = () => ({ STAGER_CONFIG_DIR: dir });

  test('is made and used when there is none', () => {
    expect(writeLocalProfile('http://127.0.0.1:1', env())).toBe(true);
    expect(read()).toEqual({ profile: 'local', profiles: { local: { apiUrl: 'http://127.0.0.1:1' } } });
  });
  test.each([
    ['config.json', { profiles: { default: { apiUrl: 'https://x' } } }],
    ['credentials.json', { version: 1, logins: { 'default https://x': {} } }],
  ])('leaves the profile that is in use without a name (%s)', (file, content) => {
    writeFileSync(join(dir, file), JSON.stringify(content));
    expect(writeLocalProfile('http://127.0.0.1:5', env())).toBe(false);
    expect(read().profile).toBeUndefined();
    expect(read().profiles.local).toEqual({ apiUrl: 'http://127.0.0.1:5' });
  });
  test('leaves what a person has chosen', () => {
    const own = {
      profile: 'work',
      profiles: { work: { apiUrl: 'https://x' }, local: { concurrency: 2 } },
      other: 1,
    };
    writeFileSync(join(dir, 'config.json'), JSON.stringify(own));
    expect(writeLocalProfile('http://127.0.0.1:2', env())).toBe(false);
    expect(read()).toEqual({
      ...own,
      profiles: { work: { apiUrl: 'https://x' }, local: { concurrency: 2, apiUrl: 'http://127.0.0.1:2' } },
    });
  });
  test('does not touch a file that it cannot read', () => {
    writeFileSync(join(dir, 'config.json'), '{ half');
    expect(writeLocalProfile('http://127.0.0.1:3', env())).toBe(false);
    expect(readFileSync(join(dir, 'config.json'), 'utf8')).toBe('{ half');
  });
  test('lies where the command line looks', () => {
    mkdirSync(join(dir, 'xdg'));
    writeLocalProfile('http://127.0.0.1:4', { XDG_CONFIG_HOME: join(dir, 'xdg') });
    expect(readFileSync(join(dir, 'xdg', 'stager', 'config.json'), 'utf8')).toContain('127.0.0.1:4');
  });
});
