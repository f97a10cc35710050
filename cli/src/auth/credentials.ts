import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CliError, LOGIN_STEP } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { fileTrouble } from '../io/fileTrouble.ts';
import { messageOf } from '../io/text.ts';

/** One login: a person, at one API, under one profile. Tokens are secrets; nothing prints them. */
export interface Login {
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly scope: string;
}

export type Logins = Readonly<Record<string, Login>>;

/** Logins are kept apart by profile and address: a token is never sent to another API than it was made for. */
export const loginKey = (profile: string, apiUrl: string): string => `${profile} ${apiUrl}`;

/** @throws CliError when the file is there and is not ours to read */
export async function readLogins(file: string): Promise<Logins> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    const trouble = fileTrouble(error);
    if (trouble?.code === 'ENOENT') return {};
    throw unreadable(file, trouble?.why ?? messageOf(error));
  }
  try {
    return parseLogins(JSON.parse(text));
  } catch {
    // Not what the parser says: it quotes the text, which holds secrets.
    throw new CliError(`The logins in ${file} cannot be read: it is damaged.`, {
      code: 'credentials_damaged',
      exit: EXIT.auth,
      hint: 'A new login puts it aside.',
      next: [LOGIN_STEP],
    });
  }
}

/**
 * Before a login: a damaged file must not stand in the way of the one thing that replaces it.
 * @returns where the damaged file was put; undefined when there was none
 * @throws CliError when the file is there and is not ours to read
 */
export async function setDamagedAside(file: string): Promise<string | undefined> {
  try {
    await readLogins(file);
    return undefined;
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== 'credentials_damaged') throw error;
    const aside = `${file}.damaged`;
    await rename(file, aside);
    return aside;
  }
}

function parseLogins(value: unknown): Logins {
  if (!isRecord(value) || !isRecord(value['logins'])) throw new Error('it holds no logins');
  const logins: Record<string, Login> = {};
  for (const [key, entry] of Object.entries(value['logins'])) {
    if (isLogin(entry)) logins[key] = entry;
  }
  return logins;
}

function isLogin(value: unknown): value is Login {
  return (
    isRecord(value) &&
    ['issuer', 'clientId', 'accessToken', 'scope'].every((name) => typeof value[name] === 'string') &&
    (value['refreshToken'] === null || typeof value['refreshToken'] === 'string') &&
    typeof value['expiresAt'] === 'number'
  );
}

/**
 * Replaces the file in one step: a reader sees the old logins or the new ones, never a part of either, also
 * after a power cut. Readable by the owner alone from its first byte on, whatever the umask.
 */
export async function writeLogins(file: string, logins: Logins): Promise<void> {
  const dir = dirname(file);
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(`${JSON.stringify({ version: 1, logins }, null, 2)}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await chmod(temporary, 0o600);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function unreadable(file: string, why: string): CliError {
  return new CliError(`The logins in ${file} cannot be read: ${why}.`, {
    code: 'credentials_unreadable',
    exit: EXIT.auth,
    hint: 'Check who owns the file, or remove it and log in again.',
    next: [LOGIN_STEP],
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
