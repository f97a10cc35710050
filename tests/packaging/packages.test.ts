import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import { cleanEnv, makeTempDir, repoRoot } from '../support/stack.ts';

const WORKSPACES = ['sdk', 'cli', 'server', 'worker'] as const;

/** A folder in which all four packages are installed from their tarballs; what they need is the repository's. */
let home: string;
let database: TestDatabase;
const running: ChildProcess[] = [];
beforeAll(async () => {
  home = makeTempDir('stager-packages');
  database = await createTestDatabase();
  run('node', ['--conditions=stager-dev', join(repoRoot, 'scripts/build.ts')], repoRoot);
  for (const workspace of WORKSPACES) unpack(workspace);
  for (const name of globSync('*', { cwd: join(repoRoot, 'node_modules') })) {
    if (name === '@stager' || name.startsWith('.')) continue;
    symlinkSync(join(repoRoot, 'node_modules', name), join(home, 'node_modules', name));
  }
});
afterAll(async () => {
  for (const child of running) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const at = (workspace: string, ...path: string[]) =>
  join(home, 'node_modules', '@stager', workspace, ...path);

function run(command: string, args: string[], cwd: string) {
  const program = command === 'node' ? process.execPath : command;
  const done = spawnSync(program, args, { cwd, encoding: 'utf8', env: cleanEnv() });
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${done.stderr}${done.stdout}`);
  return done.stdout;
}

function unpack(workspace: string): void {
  const packed = run(
    'npm',
    ['pack', '--ignore-scripts', '--pack-destination', home],
    join(repoRoot, workspace),
  );
  mkdirSync(at(workspace), { recursive: true });
  const tarball = join(home, packed.trim().split('\n').at(-1) ?? '');
  run('tar', ['-xzf', tarball, '-C', at(workspace), '--strip-components=1'], home);
}

/** Runs a program of a package as a deployment does: production, nothing of the development conditions. */
function start(entry: string, env: Record<string, string>) {
  const child = spawn(process.execPath, [entry], {
    cwd: home,
    env: { PATH: process.env['PATH'], HOME: home, STAGER_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
  }
  return { child, output: () => output };
}

const objects = () => ({
  STAGER_OBJECTS_DIR: join(home, 'objects'),
  STAGER_OBJECTS_SECRETS: 'packaging-secret-0123456789',
  STAGER_OBJECTS_PUBLIC_URL: 'http://127.0.0.1:1',
});

describe('what is in the packages', () => {
  test.each(WORKSPACES)('%s: no test, no fixture, no source, no secret', (workspace) => {
    const files = globSync('**/*', { cwd: at(workspace) });
    const odd = files.filter((file) =>
      // Code that deals with secrets may say so in its name.
      /\.(test|fixture|bench)\.|(^|\/)testing\.(js|ts)$|(?<!\.d)\.ts$|\.env|\.pem$|secret(?!s?\.js(\.map)?$)/i.test(
        file,
      ),
    );
    expect(odd.filter((file) => !(workspace === 'sdk' && file.startsWith('dist/testing')))).toEqual([]);
    expect(files).toContain('package.json');
    expect(existsSync(at(workspace, 'dist'))).toBe(true);
  });

  test('the embedded stack is not in the server, and nobody can load it', () => {
    expect(globSync('**/dev{,/**}', { cwd: at('server') })).toEqual([]);
    const text = globSync('dist/**/*.js', { cwd: at('server') }).map((file) =>
      readFileSync(at('server', file), 'utf8'),
    );
    expect(text.join('\n')).not.toMatch(/from '[^']*\/dev\/|oidc-provider|auto-?approve/i);
    const script = join(home, 'load.mjs');
    const tries = [
      '@stager/server/dev/stack',
      '@stager/server/dev/main.js',
      '@stager/server/dist/dev/main.js',
    ];
    writeFileSync(
      script,
      `for (const name of ${JSON.stringify(tries)}) await import(name).then(() => process.exit(1), (error) => console.log(error.code));`,
    );
    const codes = run('node', [script], home).trim().split('\n');
    expect(codes).toHaveLength(tries.length);
    for (const code of codes) expect(code).toMatch(/^ERR_(PACKAGE_PATH_NOT_EXPORTED|MODULE_NOT_FOUND)$/);
  });
});

describe('what the packages do', () => {
  test('the server answers in production, and stops on SIGTERM', async () => {
    const { child, output } = start(at('server', 'dist/start/main.js'), {
      ...objects(),
      STAGER_DATABASE_URL: database.apiUrl,
      STAGER_RELAY_DATABASE_URL: database.relayUrl,
      STAGER_PORT: '0',
      STAGER_ISSUER: 'http://127.0.0.1:9/',
      STAGER_AUDIENCE: 'https://api.example',
      STAGER_CLI_CLIENT_ID: 'cli',
    });
    await expect.poll(output).toMatch(/"port":\d+\D/);
    const port = /"port":(\d+)/.exec(output())?.[1];
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${port}/v1/me`)).status).toBe(401);
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  test('the worker starts in production, and stops on SIGTERM', async () => {
    const { child, output } = start(at('worker', 'dist/main.js'), {
      ...objects(),
      STAGER_DATABASE_URL: database.workerUrl,
      STAGER_WORKER_DIR: home,
    });
    await expect.poll(output).toContain('worker started');
    child.kill('SIGTERM');
    expect((await once(child, 'exit'))[0]).toBe(0);
  });

  test('without settings both name all that is missing', async () => {
    for (const entry of [at('server', 'dist/start/main.js'), at('worker', 'dist/main.js')]) {
      const { child, output } = start(entry, {});
      // Not 'exit', which may come before the last words.
      expect((await once(child, 'close'))[0]).not.toBe(0);
      expect(output()).toMatch(/STAGER_DATABASE_URL[\s\S]*STAGER_OBJECTS_/);
    }
  });

  test('the command line runs', () => {
    const { bin } = JSON.parse(readFileSync(at('cli', 'package.json'), 'utf8'));
    expect(run('node', [at('cli', bin.stager ?? bin), '--help'], home)).toContain('Usage: stager');
  });

  test('the SDK is imported, with its types', () => {
    const script = join(home, 'sdk.mjs');
    writeFileSync(
      script,
      `import { Stager } from '@stager/sdk'; import { startFakeApi } from '@stager/sdk/testing'; console.log(typeof Stager, typeof startFakeApi);`,
    );
    expect(run('node', [script], home)).toContain('function');
    const { exports, types } = JSON.parse(readFileSync(at('sdk', 'package.json'), 'utf8'));
    const declared = exports?.['.']?.types ?? exports?.['.']?.default?.types ?? types;
    expect(existsSync(at('sdk', declared))).toBe(true);
  });
});
