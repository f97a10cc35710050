import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'stager-worker';
/** Of a worker on another host, which cannot be asked; each job that it takes up refreshes this. */
const FOREIGN_MS = 24 * 60 * 60 * 1000;

export interface WorkDirs {
  /** A private, empty folder for one job. */
  make(): Promise<string>;
  remove(dir: string): Promise<void>;
  close(): Promise<void>;
}

interface Owner {
  readonly host: string;
  readonly pid: number;
}

/**
 * Folders for photos in work, private to this user, below one that nobody could have made before. Those of workers
 * that are gone are removed.
 */
export function openWorkDirs(parent: string): WorkDirs {
  mkdirSync(parent, { recursive: true });
  const self = { host: hostname().replace(/[^A-Za-z0-9.]/g, ''), pid: process.pid };
  removeLeftBehind(parent, self);
  let own = mkdtempSync(join(parent, `${PREFIX}-${self.host}-${self.pid}-`));
  return {
    async make() {
      // Something that tidies up the system's folder may have taken ours.
      if (!isOwnFolder(own)) own = mkdtempSync(join(parent, `${PREFIX}-${self.host}-${self.pid}-`));
      return mkdtemp(join(own, 'job-'));
    },
    remove: (dir) => rm(dir, { recursive: true, force: true }),
    close: () => rm(own, { recursive: true, force: true }),
  };
}

function removeLeftBehind(parent: string, self: Owner): void {
  for (const name of readdirSync(parent)) {
    const owner = ownerOf(name);
    const path = join(parent, name);
    if (owner && isOwnFolder(path) && isGone(owner, self, path))
      rmSync(path, { recursive: true, force: true });
  }
}

function ownerOf(name: string): Owner | undefined {
  const match = /^stager-worker-([A-Za-z0-9.]*)-(\d+)-[A-Za-z0-9]+$/.exec(name);
  return match?.[1] === undefined ? undefined : { host: match[1], pid: Number(match[2]) };
}

/** Containers share folders, but not process ids: only those of our own host mean something to us. */
function isGone(owner: Owner, self: Owner, path: string): boolean {
  if (owner.host !== self.host) return Date.now() - lstatSync(path).mtimeMs > FOREIGN_MS;
  // Whoever had our own id before us is gone as well.
  return owner.pid === self.pid || !isAlive(owner.pid);
}

function isOwnFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid());
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
