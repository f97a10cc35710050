import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeTempDir } from '../../tests/support/tempDir.ts';
import { root } from './bootstrap.mjs';

/** A clone that has nothing but the launcher, an npm that the test writes and a program that says what it hears. */
let clone: string;
const started: ChildProcess[] = [];
beforeEach(() => {
  clone = makeTempDir('stager-bootstrap');
  mkdirSync(join(clone, 'scripts'));
  cpSync(join(root, 'scripts/lib'), join(clone, 'scripts/lib'), { recursive: true });
  for (const folder of ['', 'sdk', 'cli', 'server', 'worker']) {
    mkdirSync(join(clone, folder), { recursive: true });
    writeFileSync(join(clone, folder, 'package.json'), '{}');
  }
  writeFileSync(join(clone, 'package-lock.json'), '{}');
  writeFileSync(
    join(clone, 'scripts/run.mjs'),
    `import { handOver } from './lib/bootstrap.mjs'; await handOver('program.mjs', process.argv.slice(2));`,
  );
  writeFileSync(
    join(clone, 'program.mjs'),
    `import { writeFileSync } from 'node:fs';
     process.on('SIGTERM', () => { writeFileSync('heard', 'SIGTERM'); process.exit(7); });
     writeFileSync('runs', String(process.pid));
     setInterval(() => {}, 1000);`,
  );
});
afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  rmSync(clone, { recursive: true, force: true });
});

function launch(npm: string): ChildProcess {
  const bin = join(clone, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'npm'), `#!/bin/sh\n${npm}\n`);
  chmodSync(join(bin, 'npm'), 0o755);
  const { STAGER_INSTALLED: _, ...env } = process.env;
  const child = spawn(process.execPath, ['scripts/run.mjs'], {
    cwd: clone,
    stdio: 'ignore',
    env: { ...env, PATH: `${bin}:${process.env['PATH']}` },
  });
  started.push(child);
  return child;
}

const there = (name: string) => expect.poll(() => existsSync(join(clone, name))).toBe(true);

describe.runIf(process.platform !== 'win32')('the launcher', () => {
  test('passes a signal on, also behind the install that it did itself, and ends as its program ends', async () => {
    const launcher = launch('mkdir -p node_modules');
    await there('runs');
    launcher.kill('SIGTERM');
    const [code] = await once(launcher, 'exit');
    expect([code, readFileSync(join(clone, 'heard'), 'utf8')]).toEqual([7, 'SIGTERM']);
  });

  test('told to stop amid the install, it ends it, starts nothing and leaves no lock', async () => {
    const launcher = launch('touch installing; exec sleep 600');
    await there('installing');
    launcher.kill('SIGTERM');
    expect(await once(launcher, 'exit')).toEqual([130, null]);
    expect(existsSync(join(clone, 'runs'))).toBe(false);
    expect(existsSync(join(clone, '.stager-install-lock'))).toBe(false);
  });

  test('an install that fails is no install', async () => {
    const launcher = launch('exit 3');
    expect(await once(launcher, 'exit')).toEqual([1, null]);
    expect(existsSync(join(clone, 'runs'))).toBe(false);
  });
});
