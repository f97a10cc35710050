import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startFakeApi } from '@stager/sdk/testing';
import { expect, onTestFinished, test } from 'vitest';
import { writePhotos } from './testing/photos.ts';
import { run } from './testing/run.ts';
import { tempDir } from './testing/tempDir.ts';

test.each([
  ['--help'],
  ['--version'],
  ['help', 'environment'],
  ['login', '--help'],
  ['config', 'list'],
  ['config', 'get', 'apiUrl'],
  ['config', 'set', 'concurrency', '2'],
  ['config', 'path'],
])('stager %s %s %s needs nobody, and does not so much as look at the logins', async (...args) => {
  const dir = tempDir();
  // Whoever opens it fails, as root too.
  mkdirSync(join(dir, 'credentials.json'));
  let requests = 0;
  const server = createServer((_request, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  // A TCP listener has an AddressInfo; only pipes have strings.
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { code, stderr } = await run(args, { env: { STAGER_API_URL: url, STAGER_CONFIG_DIR: dir } });
  expect(code, stderr).toBe(0);
  expect(requests).toBe(0);
});

test('a dry run asks what anybody may ask, and leaves the logins alone', async () => {
  const api = await startFakeApi();
  onTestFinished(() => api.close());
  const dir = tempDir();
  mkdirSync(join(dir, 'config', 'credentials.json'), { recursive: true });
  writePhotos(join(dir, 'photos'), ['a.jpg']);
  const { code, stdout, stderr } = await run(['upload', 'photos', '--dry-run', '--json'], {
    cwd: dir,
    env: { STAGER_API_URL: api.url, STAGER_CONFIG_DIR: join(dir, 'config') },
  });
  expect(code, stdout + stderr).toBe(0);
  expect(api.requests.map(({ operation }) => operation)).toEqual(['getCatalog']);
  expect(api.requests.every(({ headers }) => headers['authorization'] === undefined)).toBe(true);
});
