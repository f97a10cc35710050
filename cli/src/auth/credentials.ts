import { readFile, rename } from 'node:fs/promises';
import { CliError, LOGIN_STEP } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { fileTrouble } from '../io/fileTrouble.ts';
import { messageOf } from '../io/text.ts';
import { writeSecretFile } from './secretFile.ts';

/** The login of a person at an issuer. Tokens are secrets; nothing prints them. */
export interface DeviceLogin {
  readonly issuer: string;
  readonly clientId: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** What was granted, as the issuer says it. */
  readonly scope: string;
  /** What was asked for; undefined where that is not known any more. */
  readonly asked?: string | undefined;
}

/** A token that was brought along with `stager login --with-token`. Nothing renews it. */
export interface TokenLogin {
  readonly token: string;
  /** As the API saw it when it was stored. */
  readonly principal: string;
  readonly scope: string;
  /** Milliseconds since the epoch; null when it has no end. */
  readonly expiresAt: number | null;
}

/** What is kept for one API under one profile. */
export type Login = DeviceLogin | TokenLogin;

export const isTokenLogin = (login: Login): login is TokenLogin => 'token' in login;

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
  if (!isRecord(value)) return false;
  const strings = (...names: readonly string[]) => names.every((name) => typeof value[name] === 'string');
  const { expiresAt, refreshToken } = value;
  if (strings('token', 'principal', 'scope')) return expiresAt === null || typeof expiresAt === 'number';
  return (
    strings('issuer', 'clientId', 'accessToken', 'scope') &&
    (refreshToken === null || typeof refreshToken === 'string') &&
    typeof expiresAt === 'number'
  );
}

export async function writeLogins(file: string, logins: Logins): Promise<void> {
  await writeSecretFile(file, { version: 1, logins });
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
