import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeApi, startFakeApi } from './testing/index.ts';
import { fakeJpeg, type TempDir, tempDir } from './testSupport.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const guide = readFileSync(join(root, 'docs/sdk.md'), 'utf8');
const examples = [...guide.matchAll(/^## (.+)$|```ts\n([\s\S]*?)```/gm)].reduce<
  { title: string; code: string }[]
>((list, [, title, code]) => {
  if (title) list.push({ title, code: '' });
  const last = list.at(-1);
  if (code && last) last.code ||= code;
  return list;
}, []);

let api: FakeApi;
let dir: TempDir;
beforeAll(async () => {
  api = await startFakeApi();
  dir = tempDir();
  dir.write('listing-42/hall.jpg', fakeJpeg(1));
  dir.write('listing-42/empty.jpg', '');
  symlinkSync(join(root, 'node_modules'), join(dir.path, 'node_modules'));
});
afterAll(async () => {
  dir[Symbol.dispose]();
  await api.close();
});

async function runExample(code: string): Promise<{ status: number | null; stdout: string; stderr: string }> {
  const flags = ['--conditions=stager-dev', '--input-type=module-typescript', '-e', code];
  const child = spawn(process.execPath, flags, {
    cwd: dir.path,
    env: { ...process.env, STAGER_API_URL: api.url, STAGER_TOKEN: 'any' },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const [status] = await once(child, 'close');
  return { status, stdout, stderr };
}

describe('the examples of the guide run', () => {
  const expected: Readonly<Record<string, RegExp>> = {
    'A folder in one call': /hall\.finished\.jpg\n1 ready, 4000 bytes sent/,
    'Address and credentials': /^Fake$/m,
    Calls: /owner [0-9a-f-]{36} 999/,
    Errors: /there already/,
    Events: /0 unfinished\ngo on later behind \d+/,
    'Tokens and members': /^auth0\|fake owner$/m,
    'Proxies, logs, middleware': /^ok$/m,
    'Your tests': /^$/,
  };
  test.each(examples.filter(({ code }) => code !== ''))('$title', async ({ title, code }) => {
    const { status, stdout, stderr } = await runExample(code);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(expected[title] ?? /no expectation/);
  });
  test('none is left out', () => {
    expect(examples.filter(({ code }) => code !== '').map(({ title }) => title)).toEqual(
      Object.keys(expected),
    );
  });
});
