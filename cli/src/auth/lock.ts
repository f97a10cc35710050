import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError } from '../errors.ts';

/** A lock whose holder has died is taken over after this, in milliseconds; a living holder renews it. */
const STALE_MS = 10_000;
/** Together about a minute: longer than any refresh may take, so that nobody gives up on a living holder. */
const RETRIES = { retries: 300, factor: 1.2, minTimeout: 15, maxTimeout: 200, randomize: true };

/**
 * Runs `work` while no other stager process of this user runs one on the same file. `held()` turns false when
 * the lock was lost on the way (the machine slept past the stale time, say): what follows must not be written.
 */
export async function withFileLock<T>(file: string, work: (held: () => boolean) => Promise<T>): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile');
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  let held = true;
  let release: () => Promise<void>;
  try {
    release = await lockfile.lock(file, {
      realpath: false,
      stale: STALE_MS,
      retries: RETRIES,
      onCompromised: () => {
        held = false;
      },
    });
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(`The lock on ${file} could not be taken: ${why}`, {
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
