import { access, constants, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';
import { messageOf } from '../io/text.ts';

/** A lock whose holder has died is taken over after this, in milliseconds; a living holder renews it. */
const STALE_MS = 10_000;
/** Together about a minute: longer than any refresh may take, so that nobody gives up on a living holder. */
const RETRIES = { retries: 300, factor: 1.2, minTimeout: 15, maxTimeout: 200, randomize: true };

/**
 * Makes the folder of a file that is to be kept, and looks whether it may be written: the lock would try for a minute.
 * @throws what the file system says
 */
export async function prepareFolderOf(file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await access(dirname(file), constants.W_OK);
}

/**
 * Runs `work` while no other stager process of this user runs one on the same file. `held()` turns false when
 * the lock was lost on the way (the machine slept past the stale time, say): what follows must not be written.
 */
export async function withFileLock<T>(
  file: string,
  work: (held: () => boolean) => Promise<T>,
  retries: object = RETRIES,
): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile');
  await prepareFolderOf(file);
  let held = true;
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(file, {
      realpath: false,
      stale: STALE_MS,
      retries,
      onCompromised: () => {
        held = false;
      },
    });
  } catch (cause) {
    throw new CliError(`The lock on ${file} could not be taken: ${messageOf(cause)}.`, {
      code: 'locked',
      retryable: true,
      hint: `If no other stager runs, remove ${file}.lock.`,
      cause,
    });
  }
  try {
    return await work(() => held);
  } finally {
    // A lock that was lost belongs to somebody else by now.
    if (held) await release();
  }
}
