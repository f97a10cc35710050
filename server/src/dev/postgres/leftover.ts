import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from './cluster.ts';

/** What a running server writes into `postmaster.pid`: its pid on line 1. */
export function parsePidFile(text: string): number | null {
  const pid = Number.parseInt(text.split('\n', 1)[0] ?? '', 10);
  return Number.isSafeInteger(pid) && pid > 0 ? pid : null;
}

/**
 * A server that outlived its launcher (killed with SIGKILL) still holds the cluster: it is shut down the
 * fast way, which keeps every commit, and a stale pid file is cleared away.
 */
export async function takeOver(dataDir: string, log: Log, graceMs = 10_000): Promise<void> {
  const pidFile = join(dataDir, 'postmaster.pid');
  if (!existsSync(pidFile)) return;
  const pid = parsePidFile(readFileSync(pidFile, 'utf8'));
  if (pid === null || !isPostmasterOf(pid, dataDir)) {
    // The pid is gone or belongs to another program by now. Postgres itself would refuse to start on a
    // recycled pid; backends that still run are found by their shared memory, which is keyed on the folder.
    rmSync(pidFile, { force: true });
    return;
  }
  log(`a Postgres left over from an earlier run (pid ${pid}) is stopped first`);
  await endProcess(pid, () => isPostmasterOf(pid, dataDir), log, graceMs);
}

/** Longest time that `quitLeftover` holds the process up. */
const QUIT_MS = 500;

/**
 * Ends a server for a process that is about to exit and can wait for no promise; what is committed stays. A
 * postmaster that is just starting may have written no pid yet, or lose a SIGQUIT (its handler runs, and then the start
 * goes on): so it is looked at until it is gone, and at last killed.
 */
export function quitLeftover(dataDir: string): void {
  const pidFile = join(dataDir, 'postmaster.pid');
  const end = performance.now() + QUIT_MS;
  const pause = new Int32Array(new SharedArrayBuffer(4));
  let told: number | null = null;
  for (;;) {
    const pid: number | null =
      told ?? (existsSync(pidFile) ? parsePidFile(readFileSync(pidFile, 'utf8')) : null);
    const there = pid !== null && isPostmasterOf(pid, dataDir);
    const late = performance.now() > end;
    if (there && (late || told === null)) send(pid, late ? 'SIGKILL' : 'SIGQUIT');
    if (late || (!there && (told !== null || !existsSync(pidFile)))) return;
    if (there) told = pid;
    Atomics.wait(pause, 0, 0, 5);
  }
}

/**
 * Fast shutdown (SIGINT: roll back, checkpoint), then immediate (SIGQUIT: recover at next start), then SIGKILL.
 * No commit is lost on any of the three.
 */
export async function endProcess(
  pid: number,
  alive: () => boolean,
  log: Log,
  graceMs: number,
): Promise<void> {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGINT', graceMs],
    ['SIGQUIT', graceMs / 2],
    ['SIGKILL', graceMs / 2],
  ];
  for (const [signal, waitMs] of steps) {
    if (!alive()) return;
    if (signal !== 'SIGINT') log(`Postgres (pid ${pid}) did not stop in time, sending ${signal}`);
    send(pid, signal);
    if (await goneWithin(alive, waitMs)) return;
  }
  throw new Error(`Postgres (pid ${pid}) cannot be stopped; end it by hand and start again.`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    // ESRCH: it ended on its own, which is what was wanted.
    if (!isErrno(error, 'ESRCH')) throw error;
  }
}

async function goneWithin(alive: () => boolean, waitMs: number): Promise<boolean> {
  const end = performance.now() + waitMs;
  while (alive()) {
    if (performance.now() > end) return false;
    await sleep(5);
  }
  return true;
}

/** Whether this pid is, now, a Postgres whose data folder is this one. A recycled pid is not. */
export function isPostmasterOf(pid: number, dataDir: string): boolean {
  const folder = realpathSync(dataDir);
  if (process.platform === 'linux') return linuxPostmaster(pid, folder);
  return processList(pid).some((line) => line.includes('postgres') && line.includes(folder));
}

/** The postmaster makes the data folder its working directory; a zombie has neither link. */
function linuxPostmaster(pid: number, folder: string): boolean {
  try {
    const program = readlinkSync(`/proc/${pid}/exe`).replace(/ \(deleted\)$/, '');
    return basename(program) === 'postgres' && readlinkSync(`/proc/${pid}/cwd`) === folder;
  } catch {
    return false;
  }
}

function processList(pid: number): string[] {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).split('\n');
  } catch {
    return [];
  }
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
