import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../ports.ts';
import { type ClusterContext, postgresEnv } from './cluster.ts';
import { commandAs } from './identity.ts';
import { endProcess } from './leftover.ts';

/** How a server process ended. */
export interface ServerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ServerProcess {
  readonly pid: number;
  readonly port: number;
  /** Resolves, never rejects, when the process is gone, whoever ended it. */
  readonly exited: Promise<ServerExit>;
  /** Fast shutdown, with force after a grace time. May be called twice; resolves when the process is gone. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly port: number;
  readonly logFile: string;
  /** Milliseconds until a server that does not get ready is given up; recovery after a crash counts. */
  readonly readyTimeoutMs: number;
  /** In the place of those that follow, or beside them. */
  readonly settings?: Readonly<Record<string, string>> | undefined;
  /** Gives the start up. */
  readonly signal?: AbortSignal | undefined;
}

/** Sized for a developer's machine; durability is not traded away: a commit survives `kill -9`. */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  shared_buffers: '64MB',
  max_connections: '100',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_checkpoints: 'off',
  logging_collector: 'off',
  jit: 'off',
  // Parallel plans put their queues in /dev/shm, which containers often limit to 64 MB.
  max_parallel_workers_per_gather: '0',
};

const READY = 'database system is ready to accept connections';
const PORT_TAKEN = /could not bind IPv4 address.*in use/s;
/** Backends of a postmaster that was killed notice within moments; until then the cluster is theirs. */
const STILL_HELD = /pre-existing shared memory block/;
const HELD_RETRY_MS = 60_000;
const STOP_GRACE_MS = 10_000;

/** Why a server did not come up, with the end of its log. */
class StartFailure extends Error {
  readonly tail: string;
  constructor(message: string, tail: string) {
    super(tail === '' ? message : `${message}\nThe end of the server's log:\n${tail}`);
    this.tail = tail;
  }
}

/** Starts the server on an existing cluster and waits until it takes connections. Port 0 picks a free one. */
export async function launch(context: ClusterContext, options: LaunchOptions): Promise<ServerProcess> {
  const heldUntil = performance.now() + HELD_RETRY_MS;
  for (let attempt = 1; ; attempt++) {
    options.signal?.throwIfAborted();
    const port = options.port === 0 ? await freePort() : options.port;
    try {
      return await launchOnce(context, { ...options, port });
    } catch (error) {
      if (!(error instanceof StartFailure)) throw error;
      if (STILL_HELD.test(error.tail) && performance.now() < heldUntil) {
        await sleep(50);
      } else if (!PORT_TAKEN.test(error.tail)) {
        throw error;
      } else if (options.port !== 0 || attempt === 5) {
        throw new Error(`port ${port} is taken: free it, or choose another port for Postgres.`, {
          cause: error,
        });
      }
    }
  }
}

async function launchOnce(context: ClusterContext, options: LaunchOptions): Promise<ServerProcess> {
  const child = spawnServer(context, options);
  const exited = exitOf(child);
  const failure = new Promise<never>((_, reject) => child.once('error', reject));
  failure.catch(() => undefined);
  if (child.pid === undefined) return failure;
  const server = handle(context, options.port, child, child.pid, exited);
  try {
    await Promise.race([failure, untilReady(context, options, child)]);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

function spawnServer(context: ClusterContext, options: LaunchOptions): ChildProcess {
  const settings = Object.entries({ ...SETTINGS, ...options.settings, port: String(options.port) });
  const {
    command,
    args,
    options: as,
  } = commandAs(context.runAs, context.binaries.postgres, [
    ...['-D', context.dataDir],
    ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ]);
  // The log is the server's own file, not a pipe to us: it goes on when we are killed. Truncated at each start.
  closeSync(openSync(options.logFile, 'w', 0o600));
  const log = openSync(options.logFile, 'a', 0o600);
  try {
    return spawn(command, args, {
      ...as,
      cwd: '/',
      env: postgresEnv(),
      // A session of its own: Ctrl-C in the terminal reaches us, and Postgres hears of it from us alone.
      detached: true,
      stdio: ['ignore', 'ignore', log],
    });
  } finally {
    closeSync(log);
  }
}

function exitOf(child: ChildProcess): Promise<ServerExit> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: null, signal: null }));
  });
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function untilReady(context: ClusterContext, options: LaunchOptions, child: ChildProcess) {
  const end = performance.now() + options.readyTimeoutMs;
  for (;;) {
    options.signal?.throwIfAborted();
    const gone = hasExited(child);
    const text = readFileSync(options.logFile, 'utf8');
    if (text.includes(READY) && !gone) return;
    const tail = text.trimEnd().split('\n').slice(-15).join('\n');
    if (gone) throw new StartFailure(`Postgres could not start on ${context.dataDir}.`, tail);
    if (performance.now() > end) {
      const seconds = Math.round(options.readyTimeoutMs / 1000);
      throw new StartFailure(`Postgres on ${context.dataDir} was not ready within ${seconds} s.`, tail);
    }
    await sleep(4);
  }
}

function handle(
  context: ClusterContext,
  port: number,
  child: ChildProcess,
  pid: number,
  exited: Promise<ServerExit>,
): ServerProcess {
  let stopping: Promise<void> | undefined;
  const end = async () => {
    await endProcess(pid, () => !hasExited(child), context.log, STOP_GRACE_MS);
    await exited;
  };
  const stop = () => {
    stopping ??= end();
    return stopping;
  };
  return { pid, port, exited, stop };
}
