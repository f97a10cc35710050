import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { childPids, cleanEnv, repoRoot, type TestStack } from './stack.ts';

export interface KeptProcess {
  /** The process of this moment. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const AGAIN_MS = 300;

/** Runs a process beside a stack and starts it again when it dies, as the supervisor of a deployment would. */
export function keepProcess(entry: string, env: Readonly<Record<string, string>>): KeptProcess {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    const started = spawn(process.execPath, ['--conditions=stager-dev', join(repoRoot, entry)], {
      stdio: 'ignore',
      env: { ...cleanEnv(), STAGER_ENV: 'test', STAGER_LOG_LEVEL: 'silent', ...env },
    });
    child = started;
    started.once('exit', () => {
      timer = setTimeout(start, AGAIN_MS);
    });
  };
  start();
  return {
    get pid() {
      return child?.pid;
    },
    async stop() {
      child?.removeAllListeners('exit');
      clearTimeout(timer);
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

/** Addresses of the database of a stack, by role. */
export function databaseUrls(dataDir: string): (role: string) => string {
  const { postgres } = JSON.parse(readFileSync(join(dataDir, 'ports.json'), 'utf8'));
  const passwords = JSON.parse(readFileSync(join(dataDir, 'postgres.secrets.json'), 'utf8'));
  return (role) => `postgres://${role}:${passwords[role]}@127.0.0.1:${postgres}/stager`;
}

/** Processes that a stack runs of an entry, of which its command line tells; Linux only. */
export function pidsOf(stack: TestStack, entry: string): number[] {
  return childPids(stack.process.pid ?? 0).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(entry);
    } catch {
      return false;
    }
  });
}
