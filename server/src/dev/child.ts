import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, statSync, truncateSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { countFailures, restartDelay } from './backoff.ts';

const LOG_MAX_BYTES = 10 * 1024 * 1024;
/** One that ends says so at once; this is for one that hangs, on a machine that is busy. */
const READY_MS = 120_000;
const STOP_MS = 30_000;

interface ChildSpec {
  readonly name: string;
  /** Module to run, relative to this folder. */
  readonly entry: string;
  /** Module that brings along most of what `entry` needs: loaded while `env` is not known yet. */
  readonly preload: string;
  /** Settings of the process; it waits for them. A start after a crash uses what was given before. */
  readonly env: Promise<Record<string, string>>;
  readonly logFile: string;
  readonly say: (line: string) => void;
}

export interface Supervised {
  /** Resolves once it is ready for the first time. */
  readonly ready: Promise<void>;
  readonly pid: number | undefined;
  stop(): Promise<void>;
  kill(): void;
}

/** Runs a process of the stack and starts it again when it dies. */
export function supervise(spec: ChildSpec): Supervised {
  let stopping = false;
  let failures = 0;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;

  function launch(): ChildProcess {
    const startedAt = performance.now();
    const started = spawnChild(spec);
    child = started;
    // Without settings there is no start: whoever waits for `env` hears of that itself.
    spec.env.then(
      (env) => started.connected && started.send({ type: 'go', env }),
      () => started.kill(),
    );
    const again = (how: string) => {
      if (stopping) return;
      failures = countFailures(failures, performance.now() - startedAt);
      spec.say(`${spec.name} ended (${how}); starting it again. Its log: ${spec.logFile}`);
      timer = setTimeout(launch, restartDelay(failures));
    };
    started.once('exit', (code, signal) => again(signal ?? `exit ${code}`));
    // Without a pid it never ran, and no exit follows: out of processes or file handles.
    started.once('error', (error) => started.pid === undefined && again(error.message));
    return started;
  }

  const ready = becomeReady(launch(), spec);
  return {
    ready,
    get pid() {
      return child?.pid;
    },
    async stop() {
      stopping = true;
      clearTimeout(timer);
      await endChild(child);
    },
    kill() {
      stopping = true;
      child?.kill('SIGKILL');
    },
  };
}

function spawnChild(spec: ChildSpec): ChildProcess {
  const log = openLog(spec.logFile);
  // In a process group of its own: Ctrl-C reaches the supervisor alone, which stops everything in order.
  const gate = fileURLToPath(new URL('gate.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=stager-dev', gate, spec.preload, spec.entry], {
    stdio: ['ignore', log, log, 'ipc'],
    env: inherited(),
    detached: true,
  });
  closeSync(log);
  return child;
}

/** What a child needs of our own environment; settings of a production shell must not leak into the stack. */
function inherited(): Record<string, string> {
  const shell = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG'];
  const names = [...shell, 'NODE_V8_COVERAGE', 'NODE_COMPILE_CACHE', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

function openLog(file: string): number {
  const handle = openSync(file, 'a');
  if (statSync(file).size > LOG_MAX_BYTES) truncateSync(file, 0);
  return handle;
}

function becomeReady(child: ChildProcess, spec: ChildSpec): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`${spec.name} did not start: ${why}. See ${spec.logFile}.`));
    const timer = setTimeout(() => fail(`not ready after ${READY_MS / 1000} s`), READY_MS);
    child.once('error', (error) => fail(error.message));
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`it ended with ${code}`);
    });
    child.on('message', (message: unknown) => {
      if (typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready') {
        clearTimeout(timer);
        resolve();
      }
    });
  });
}

async function endChild(child: ChildProcess | undefined): Promise<void> {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(force);
}
