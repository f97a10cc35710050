import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { tempDir } from '../testing/tempDir.ts';
import { isOnPath, openBrowser } from './browser.ts';

test('a program is on the path when it may be run from one of its folders', () => {
  const [empty, dir] = [tempDir(), tempDir()];
  writeFileSync(join(dir, 'opener'), '');
  const env = { PATH: [empty, dir].join(delimiter) };
  chmodSync(join(dir, 'opener'), 0o644);
  expect(isOnPath('opener', env)).toBe(false);
  chmodSync(join(dir, 'opener'), 0o755);
  expect(isOnPath('opener', env)).toBe(true);
  expect(isOnPath('opener', {})).toBe(false);
});

test('the opener gets the address as one word, whatever is in it', async () => {
  const dir = tempDir();
  const opener = join(dir, 'opener');
  writeFileSync(opener, `#!/bin/sh\nprintf %s "$1" > "${dir}/tmp" && mv "${dir}/tmp" "${dir}/opened"\n`, {
    mode: 0o755,
  });
  const url = 'https://id.example.com/activate?code=A&x=$(id);y';
  openBrowser(opener, url);
  await vi.waitFor(() => expect(existsSync(join(dir, 'opened'))).toBe(true));
  expect(readFileSync(join(dir, 'opened'), 'utf8')).toBe(url);
});

test('an opener that is not there is no failure: the address is on the screen', async () => {
  const child = openBrowser(join(tempDir(), 'nothing'), 'https://id.example.com');
  // Without a listener of its own, the event would end the process.
  expect(child.listenerCount('error')).toBe(1);
  expect(await once(child, 'error')).toMatchObject([{ code: 'ENOENT' }]);
});
