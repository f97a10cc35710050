import { readFile, rm } from 'node:fs/promises';
import { fileTrouble } from '../io/fileTrouble.ts';
import type { StartedLogin } from './deviceLogin.ts';
import { writeSecretFile } from './secretFile.ts';

/** A login that `stager login --start` has begun and `--complete` will end, in another process. */
export interface PendingLogin extends StartedLogin {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** The issuer wants to be left alone until then. Milliseconds since the epoch. */
  readonly askAgainAt: number;
}

interface Content {
  readonly version: 1;
  readonly pending: Readonly<Record<string, PendingLogin>>;
}

const NONE: Content = { version: 1, pending: {} };

export async function readPending(file: string, key: string): Promise<PendingLogin | undefined> {
  return (await read(file)).pending[key];
}

/** Keeps a pending login, or removes it. Those that have expired go at the same time; the last one takes the file with it. */
export async function setPending(
  file: string,
  key: string,
  login: PendingLogin | undefined,
  now: number,
): Promise<void> {
  const { [key]: _old, ...others } = (await read(file)).pending;
  const all = Object.entries(login ? { ...others, [key]: login } : others);
  const pending = Object.fromEntries(all.filter(([, { expiresAt }]) => expiresAt > now));
  if (Object.keys(pending).length === 0) await rm(file, { force: true });
  else await writeSecretFile(file, { version: 1, pending } satisfies Content);
}

/** What cannot be understood is as if nothing had been started: starting again costs a minute. */
async function read(file: string): Promise<Content> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isContent(value) ? value : NONE;
  } catch (error) {
    if (error instanceof SyntaxError || fileTrouble(error)?.code === 'ENOENT') return NONE;
    throw error;
  }
}

/** Only this program writes it: the version says what is in it. */
function isContent(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && 'version' in value && value.version === 1;
}
