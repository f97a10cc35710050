import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';

const PROGRAM = `
  import { onStopSignals } from ${JSON.stringify(new URL('./signals.ts', import.meta.url).href)};
  const say = (word) => process.stdout.write(word + ' ');
  setInterval(() => undefined, 60_000);
  onStopSignals(async () => say('stopped'), () => say('reread'));
  say('ready');
`;

let child: ChildProcess;
let said: string;
function start(stdio: 'alone' | 'forked'): void {
  said = '';
  child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit', ...(stdio === 'forked' ? (['ipc'] as const) : [])],
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
}
afterEach(() => void child.kill('SIGKILL'));

const heard = (words: string) => expect.poll(() => said).toBe(words);

test('SIGHUP has a process of its own read its secrets again; SIGTERM ends it', async () => {
  start('alone');
  await heard('ready ');
  child.kill('SIGHUP');
  await heard('ready reread ');
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  expect(said).toBe('ready reread stopped ');
});

test('SIGHUP ends a process that another one has forked', async () => {
  start('forked');
  await heard('ready ');
  const gone = once(child, 'exit');
  child.kill('SIGHUP');
  expect(await gone).toEqual([0, null]);
  expect(said).toBe('ready stopped ');
});
