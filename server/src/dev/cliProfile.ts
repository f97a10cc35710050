import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const LOCAL_PROFILE = 'local';

/**
 * Writes the profile `local` into the settings of the command line, so that it finds this stack from any folder.
 * A profile that a person has chosen stays in use.
 * @returns whether `stager` uses this stack without being told
 */
export function writeLocalProfile(apiUrl: string, env: NodeJS.ProcessEnv = process.env): boolean {
  const dir = configDir(env);
  const file = join(dir, 'config.json');
  const settings = readSettings(file);
  if (settings === undefined) return false;
  const profiles = isRecord(settings['profiles']) ? settings['profiles'] : {};
  const local = isRecord(profiles[LOCAL_PROFILE]) ? profiles[LOCAL_PROFILE] : {};
  const chosen = typeof settings['profile'] === 'string' ? settings['profile'] : implied(dir, profiles);
  const profile = chosen ?? LOCAL_PROFILE;
  const next = {
    ...settings,
    ...(chosen === IMPLIED ? {} : { profile }),
    profiles: { ...profiles, [LOCAL_PROFILE]: { ...local, apiUrl } },
  };
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, file);
  return profile === LOCAL_PROFILE;
}

/** The command line uses it while nothing is chosen. */
const IMPLIED = 'default';

/** Whoever has settings or a login under the implied profile uses it, though it was never named. */
function implied(dir: string, profiles: Readonly<Record<string, unknown>>): string | undefined {
  if (isRecord(profiles[IMPLIED]) && Object.keys(profiles[IMPLIED]).length > 0) return IMPLIED;
  const logins = readSettings(join(dir, 'credentials.json'))?.['logins'];
  return isRecord(logins) && Object.keys(logins).some((key) => key.startsWith(`${IMPLIED} `))
    ? IMPLIED
    : undefined;
}

function configDir(env: NodeJS.ProcessEnv): string {
  if (env['STAGER_CONFIG_DIR']) return env['STAGER_CONFIG_DIR'];
  if (env['XDG_CONFIG_HOME']) return join(env['XDG_CONFIG_HOME'], 'stager');
  if (process.platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'stager');
  return join(homedir(), '.config', 'stager');
}

/** Undefined for a file that is there and is not ours to repair. */
function readSettings(file: string): Record<string, unknown> | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return {};
  }
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
