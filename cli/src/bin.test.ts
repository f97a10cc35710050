import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { commands } from './commands/index.ts';
import { BIN, plainEnv, run } from './testing/run.ts';
import { tempDir } from './testing/tempDir.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const dist = join(root, 'cli', 'dist');
const HEAVY = [
  'undici',
  '@inquirer/',
  'conf',
  'ora',
  'openid-client',
  'oauth4webapi',
  'proper-lockfile',
  'ajv',
];

// These tests are about the bundle, also when coverage has the others run the sources.
const { STAGER_CLI_SOURCE: _source, ...bundleEnv } = plainEnv();
const runBundle = (args: readonly string[], env = {}) =>
  spawnSync(process.execPath, [BIN, ...args], { env: { ...bundleEnv, ...env }, encoding: 'utf8' });

beforeAll(() => {
  expect(runBundle(['--version']).status).toBe(0);
});

describe('a start', () => {
  test.each([['--version'], ['-V']])('%s', (flag) => {
    const { version } = JSON.parse(readFileSync(join(root, 'cli/package.json'), 'utf8'));
    expect(runBundle([flag]).stdout).toBe(`${version}\n`);
  });

  test('the help that is kept ready is the help of the program', () => {
    const ready = runBundle(['--help']).stdout;
    for (const args of [[], ['-h'], ['help']]) expect(runBundle(args).stdout).toBe(ready);
    const direct = spawnSync(process.execPath, [join(dist, 'main.js'), '--help'], {
      encoding: 'utf8',
      env: bundleEnv,
    });
    expect(direct.stdout).toBe(ready);
    for (const { name } of commands) expect(ready).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  /** Sources of the files that a command line loads. */
  function loadedBy(program: string, args: readonly string[]): string[] {
    const hook = `
      import { registerHooks } from 'node:module';
      registerHooks({ load(url, context, next) {
        if (url.startsWith('file:')) process._rawDebug('loaded ' + url);
        return next(url, context);
      } });`;
    const { stderr } = spawnSync(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(hook)}`, program, ...args],
      {
        encoding: 'utf8',
        env: { ...bundleEnv, STAGER_API_URL: 'http://127.0.0.1:9', STAGER_CONFIG_DIR: tempDir() },
      },
    );
    const files = [...stderr.matchAll(/^loaded (\S+)$/gm)].map(([, url = '']) => url);
    const meta: Record<string, string[]> = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8'));
    return files.flatMap((url) => meta[url.replace(pathToFileURL(`${dist}/`).href, '')] ?? []);
  }

  test.each([
    [['--version']],
    [['--help']],
    [['upload', '--help']],
    [['help', 'exit-codes']],
    [['images', 'lst']],
  ])('%j loads nothing heavy', (args) => {
    const inputs = loadedBy(join(dist, 'main.js'), args);
    expect(inputs).toContain('cli/src/program.ts');
    expect(inputs.filter((input) => HEAVY.some((name) => input.includes(`node_modules/${name}`)))).toEqual(
      [],
    );
    expect(inputs.filter((input) => input.startsWith('sdk/'))).toEqual([]);
  });

  test('what is heavy is loaded by the command that needs it', () => {
    const inputs = loadedBy(join(dist, 'main.js'), ['whoami']);
    expect(inputs.some((input) => input.startsWith('sdk/src/client'))).toBe(true);
    expect(inputs.filter((input) => input.includes('node_modules/undici'))).toEqual([]);
  });
});

describe('the bin', () => {
  const old = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir, 'node'))
    .find((node) => existsSync(node) && majorOf(node) < 22);

  function majorOf(node: string): number {
    return Number(
      spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.')[0],
    );
  }

  test.skipIf(old === undefined)('under an old Node starts the one that was installed with it', async () => {
    const result = await run(['images', 'lst', '--json'], { node: old ?? '' });
    expect(result.code, result.stderr).toBe(2);
    expect(JSON.parse(result.stdout).error.hint).toContain('list');
  });

  test('is published without what only the repository needs', () => {
    const { files } = JSON.parse(readFileSync(join(root, 'cli/package.json'), 'utf8'));
    expect(files).toEqual(['bin', 'dist']);
    const installed = join(tempDir(), 'cli');
    for (const part of files) cpSync(join(root, 'cli', part), join(installed, part), { recursive: true });
    const answer = spawnSync(process.execPath, [join(installed, 'bin/stager.mjs'), 'help', 'environment'], {
      encoding: 'utf8',
      env: bundleEnv,
    });
    expect(answer.stderr).toBe('');
    expect(answer.stdout).toContain('STAGER_API_URL');
  });

  test('builds once when the bundle is missing or stale, two at once included', async () => {
    const copy = join(tempDir(), 'repository');
    const parts = [
      'cli/src',
      'cli/bin',
      'cli/package.json',
      'sdk/src',
      'sdk/package.json',
      'scripts/build',
      'scripts/build.ts',
    ];
    for (const part of [...parts, 'package.json', 'package-lock.json', 'tsconfig.json']) {
      cpSync(join(root, part), join(copy, part), { recursive: true });
    }
    // The packages of the repository, but its own SDK from the copy.
    mkdirSync(join(copy, 'node_modules/@stager'), { recursive: true });
    symlinkSync(join(copy, 'sdk'), join(copy, 'node_modules/@stager/sdk'));
    for (const name of readdirSync(join(root, 'node_modules'))) {
      if (name !== '@stager' && !name.startsWith('.'))
        symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name));
    }
    const bin = join(copy, 'cli/bin/stager.mjs');
    const start = () =>
      new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
        const child = spawn(process.execPath, [bin, 'help', 'exit-codes'], { env: bundleEnv });
        let stdout = '';
        let stderr = '';
        child.stdout.on('data', (chunk) => {
          stdout += chunk;
        });
        child.stderr.on('data', (chunk) => {
          stderr += chunk;
        });
        child.once('close', (code) => resolve({ code, stdout, stderr }));
      });
    const builds = (results: readonly { stderr: string }[]) =>
      results.filter(({ stderr }) => stderr.includes('Building')).length;
    const first = await Promise.all([start(), start(), start()]);
    for (const { code, stdout, stderr } of first) {
      expect(code, stderr).toBe(0);
      expect(stdout).toContain('Exit codes');
    }
    expect(builds(first)).toBe(1);
    expect(builds([await start()])).toBe(0);
    const later = new Date(Date.now() + 1000);
    utimesSync(join(copy, 'cli/src/exit.ts'), later, later);
    expect(builds([await start()])).toBe(1);
    rmSync(join(copy, 'cli/dist'), { recursive: true });
    expect(builds([await start()])).toBe(1);
  });
});

test('the bundle goes through the proxy of the environment, without a word about it', async () => {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  // A TCP listener has an AddressInfo; only pipes have strings.
  const { port } = proxy.address() as AddressInfo;
  const { code, stdout, stderr } = await run(['catalog', '--json'], {
    env: {
      STAGER_CLI_SOURCE: undefined,
      HTTPS_PROXY: `http://127.0.0.1:${port}`,
      STAGER_API_URL: 'https://stager.invalid',
      STAGER_CONFIG_DIR: tempDir(),
    },
  });
  proxy.close();
  expect(code).toBe(1);
  expect(JSON.parse(stdout).error.code).toBe('connection_failed');
  expect(asked).toContain('stager.invalid:443');
  expect(stderr).toBe('');
});

test('every library that the bundle holds is named in its licences', () => {
  const notices = readFileSync(join(dist, 'THIRD-PARTY.txt'), 'utf8');
  for (const name of ['commander', 'conf', 'openid-client', 'undici', 'eventsource']) {
    expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'));
  }
});
