import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { endProcess, isPostmasterOf, parsePidFile } from './leftover.ts';

test.each([
  ['1234\n/data\n', 1234],
  ['', null],
  ['-5\n', null],
  ['x\n', null],
])('the pid in %j is %j', (text, pid) => {
  expect(parsePidFile(text)).toBe(pid);
});

test('this process is no Postgres', () => {
  expect(isPostmasterOf(process.pid, tmpdir())).toBe(false);
});

test('a server that ignores the fast shutdown is ended all the same, and it is said', async () => {
  const script =
    "process.on('SIGINT', () => {}); process.on('SIGQUIT', () => {}); console.log('up'); setInterval(() => {}, 1000)";
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  const log: string[] = [];
  const alive = () => child.exitCode === null && child.signalCode === null;
  await endProcess(child.pid ?? 0, alive, (line) => log.push(line), 100);
  expect(child.signalCode).toBe('SIGKILL');
  expect(log.map((line) => line.split(' ').at(-1))).toEqual(['SIGQUIT', 'SIGKILL']);
});

test('a process that never goes is an error that names it', async () => {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('exit', resolve));
  const pid = child.pid ?? 0;
  await expect(
    endProcess(
      pid,
      () => true,
      () => undefined,
      10,
    ),
  ).rejects.toThrow(`pid ${pid}`);
});
