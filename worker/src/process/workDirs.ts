import { mkdirSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';

const PREFIX = 'stager-worker-';

export interface WorkDirs {
  /** A private, empty folder for one job. */
  make(): Promise<string>;
  remove(dir: string): Promise<void>;
  close(): Promise<void>;
}

/** Folders of this process lie below one that carries its id; those of processes that are gone are removed. */
export async function openWorkDirs(parent: string): Promise<WorkDirs> {
  await removeLeftBehind(parent);
  const own = join(parent, `${PREFIX}${process.pid}`);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  return {
    make: () => mkdtemp(join(own, 'job-')),
    remove: (dir) => rm(dir, { recursive: true, force: true }),
    close: () => rm(own, { recursive: true, force: true }),
  };
}

async function removeLeftBehind(parent: string): Promise<void> {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const pid = Number(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : Number.NaN);
    if (Number.isInteger(pid) && !isAlive(pid))
      await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
