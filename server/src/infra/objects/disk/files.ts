import { randomUUID } from 'node:crypto';
import { constants, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import {
  access,
  copyFile,
  type FileHandle,
  mkdir,
  open,
  rename,
  rm,
  rmdir,
  stat,
  unlink,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errnoOf, isMissing } from './errors.ts';
import { BUCKETS } from './keys.ts';
import { createFolderSync } from './syncFolder.ts';

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
/** A transfer may take an hour; nothing that is a day old is still being written. */
const LEFTOVER_MS = 24 * 60 * 60 * 1000;
/** Folders vanish under a writer when their last object is removed; more often than this is no coincidence. */
const PUBLISH_TRIES = 20;

/** Bytes that nobody can see yet. Ends with `publish` or `discard`. */
export interface Draft {
  readonly handle: FileHandle;
  /** Makes the bytes durable and visible under `path`, at once and as a whole. */
  publish(path: string): Promise<void>;
  /** Also after `publish`; then it does nothing. */
  discard(): Promise<void>;
}

export interface DiskFiles {
  readonly root: string;
  /** Folder of what is being written. */
  readonly drafts: string;
  createDraft(): Promise<Draft>;
  /** A draft with the content of a file, which stays where it is. */
  copyToDraft(source: string): Promise<Draft>;
  /** False when there is no `from`. */
  move(from: string, to: string): Promise<boolean>;
  remove(path: string): Promise<void>;
  /** Makes a folder, and those that it lies in. */
  makeFolder(folder: string): Promise<void>;
  /** Makes what was renamed or linked into a folder durable. */
  syncFolder(folder: string): Promise<void>;
  /** Throws when the folder is gone or cannot be written to. */
  check(): Promise<void>;
}

/**
 * Creates the folders of the store and removes what crashed writers left behind.
 * @param keepDrafts for those who only look: it stays
 */
export function openDiskFiles(root: string, keepDrafts = false): DiskFiles {
  const drafts = join(root, '.tmp');
  for (const name of ['.tmp', ...BUCKETS])
    mkdirSync(join(root, name), { recursive: true, mode: FOLDER_MODE });
  if (!keepDrafts) removeLeftovers(drafts, Date.now() - LEFTOVER_MS);
  const syncFolder = createFolderSync();
  const buckets = new Set(BUCKETS.map((bucket) => join(root, bucket)));

  /** Renames into a folder that may not exist yet, or not any more. */
  async function place(from: string, to: string): Promise<boolean> {
    const folder = dirname(to);
    for (let attempt = 1; ; attempt++) {
      try {
        await rename(from, to);
        await syncFolder(folder);
        return true;
      } catch (error) {
        if (!isMissing(error) || attempt === PUBLISH_TRIES) throw error;
        if (!(await exists(from))) return false;
        if (errnoOf(error) !== 'ENOENT') throw error;
        await makeFolder(folder);
      }
    }
  }

  async function makeFolder(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true, mode: FOLDER_MODE }).catch(unlessMissing);
    if (first === undefined) return;
    // The names of the new folders have to survive a power cut as well.
    for (let made = folder; made.length >= first.length; made = dirname(made)) await syncParent(made);
  }

  async function syncParent(path: string): Promise<void> {
    await syncFolder(dirname(path)).catch(unlessMissing);
  }

  async function removeEmptyFolders(folder: string): Promise<void> {
    for (let empty = folder; !buckets.has(empty); empty = dirname(empty)) {
      try {
        await rmdir(empty);
      } catch {
        return;
      }
    }
  }

  function draftOf(handle: FileHandle, draftPath: string): Draft {
    let open = true;
    const close = async () => {
      if (!open) return;
      open = false;
      await handle.close();
    };
    let published = false;
    return {
      handle,
      async publish(path) {
        await handle.datasync();
        await close();
        if (!(await place(draftPath, path))) throw new Error(`the draft of ${path} has vanished`);
        published = true;
      },
      async discard() {
        await close();
        if (!published) await rm(draftPath, { force: true });
      },
    };
  }

  function newDraftPath(): string {
    return join(drafts, randomUUID());
  }

  return {
    root,
    drafts,

    async createDraft() {
      const path = newDraftPath();
      return draftOf(await open(path, 'wx', FILE_MODE), path);
    },

    async copyToDraft(source) {
      const path = newDraftPath();
      try {
        await copyFile(source, path, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
        const handle = await open(path, 'r+');
        await handle.chmod(FILE_MODE);
        return draftOf(handle, path);
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },

    move: place,
    makeFolder,
    syncFolder,

    async remove(path) {
      await unlink(path).catch(unlessMissing);
      await removeEmptyFolders(dirname(path));
    },

    async check() {
      await access(drafts, constants.W_OK | constants.X_OK);
    },
  };
}

/** A concurrent remove may take a folder away again at any moment; whoever needs it makes it anew. */
function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(unlessMissing)) !== undefined;
}

function removeLeftovers(folder: string, before: number): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    // Another process may be cleaning up, too.
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < before)
      rmSync(path, { force: true });
  }
}
