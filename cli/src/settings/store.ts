import { existsSync, mkdirSync } from 'node:fs';
import { CliError } from '../errors.ts';
import { EXIT } from '../exit.ts';
import { fileTrouble } from '../io/fileTrouble.ts';
import { messageOf } from '../io/text.ts';
import { PICTURES, type Pictures } from '../pictures/protocol.ts';
import { settingsFile } from './paths.ts';

export interface Profile {
  readonly apiUrl?: string;
  readonly concurrency?: number;
  readonly pictures?: Pictures;
}

/**
 * `config.json`: `{"profile": "local", "profiles": {"local": {"apiUrl": "http://127.0.0.1:4600"}}}`.
 * `profile` is the one in use, and is left out until one is chosen.
 */
export interface Settings {
  readonly profile?: string;
  readonly profiles: Readonly<Record<string, Profile>>;
}

/** Uploads at the same time, at most. */
export const MOST_CONCURRENCY = 64;

const EMPTY: Settings = { profiles: {} };

/** @throws CliError when the file is there and cannot be read */
export async function readSettings(dir: string): Promise<Settings> {
  // Only looking must not make a folder: in CI the home may be read-only.
  if (!existsSync(settingsFile(dir))) return EMPTY;
  const store = await open(dir);
  return parseSettings(store.store, settingsFile(dir));
}

export async function writeSettings(dir: string, settings: Settings): Promise<void> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const store = await open(dir);
  store.store = { ...store.store, ...settings };
  if (settings.profile === undefined) store.delete('profile');
}

async function open(dir: string) {
  const { default: Conf } = await import('conf');
  try {
    return new Conf<Record<string, unknown>>({ cwd: dir, configName: 'config', configFileMode: 0o600 });
  } catch (error) {
    throw unreadable(settingsFile(dir), sentence(fileTrouble(error)?.why ?? messageOf(error)));
  }
}

const sentence = (text: string): string => (text.endsWith('.') ? text : `${text}.`);

function unreadable(file: string, why: string): CliError {
  return new CliError(`The settings in ${file} cannot be used: ${why}`, {
    code: 'settings_invalid',
    exit: EXIT.usage,
    hint: 'Correct the file, or move it away and set it up again with `stager config set`.',
  });
}

/** Checks what a person or another program may have written. Keys that are not known are left alone. */
function parseSettings(value: Readonly<Record<string, unknown>>, file: string): Settings {
  const { profile, profiles = {} } = value;
  if (profile !== undefined && typeof profile !== 'string')
    throw unreadable(file, '`profile` must be a string.');
  if (!isRecord(profiles)) throw unreadable(file, '`profiles` must be an object.');
  const known: Record<string, Profile> = {};
  for (const [name, entry] of Object.entries(profiles)) {
    if (!isRecord(entry)) throw unreadable(file, `\`profiles.${name}\` must be an object.`);
    const { apiUrl, concurrency, pictures } = entry;
    if (apiUrl !== undefined && typeof apiUrl !== 'string') {
      throw unreadable(file, `\`profiles.${name}.apiUrl\` must be a string.`);
    }
    if (concurrency !== undefined && !isConcurrency(concurrency)) {
      throw unreadable(
        file,
        `\`profiles.${name}.concurrency\` must be a whole number from 1 to ${MOST_CONCURRENCY}.`,
      );
    }
    const shown = PICTURES.find((one) => one === pictures);
    if (pictures !== undefined && shown === undefined) {
      throw unreadable(file, `\`profiles.${name}.pictures\` must be one of ${PICTURES.join(', ')}.`);
    }
    known[name] = {
      ...entry,
      ...(apiUrl === undefined ? {} : { apiUrl }),
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(shown === undefined ? {} : { pictures: shown }),
    };
  }
  return { ...(profile === undefined ? {} : { profile }), profiles: known };
}

function isConcurrency(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_CONCURRENCY;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
