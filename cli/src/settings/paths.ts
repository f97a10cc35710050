import { homedir } from 'node:os';
import { join } from 'node:path';

export type Env = Readonly<Record<string, string | undefined>>;

/** Folder of settings and logins: STAGER_CONFIG_DIR, else the platform's place for configuration. */
export function configDir(env: Env, platform: NodeJS.Platform = process.platform): string {
  if (env['STAGER_CONFIG_DIR']) return env['STAGER_CONFIG_DIR'];
  if (env['XDG_CONFIG_HOME']) return join(env['XDG_CONFIG_HOME'], 'stager');
  if (platform === 'win32' && env['APPDATA']) return join(env['APPDATA'], 'stager');
  return join(homedir(), '.config', 'stager');
}

export const settingsFile = (dir: string): string => join(dir, 'config.json');
export const credentialsFile = (dir: string): string => join(dir, 'credentials.json');
export const pendingLoginsFile = (dir: string): string => join(dir, 'pending-logins.json');
