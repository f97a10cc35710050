import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

/** Name and password of the superuser that initdb makes. */
export const SUPERUSER = 'stager_super';

/** The roles of the application: the owner migrates, the others only do what they are granted. */
export const ROLES = ['stager_owner', 'stager_api', 'stager_worker', 'stager_relay', 'stager_admin'] as const;
export type Role = (typeof ROLES)[number];

/** One password (43 characters of base64url) per login. */
export type Passwords = Readonly<Record<typeof SUPERUSER | Role, string>>;

export function secretsFile(dataDir: string): string {
  return `${dataDir}.secrets.json`;
}

/** Draws new passwords and keeps them, readable by the owner only, in one atomic step. */
export function writeNewPasswords(dataDir: string): Passwords {
  return keepPasswords(dataDir, { [SUPERUSER]: draw() });
}

/** Draws what is missing: a cluster may be older than a role. */
function keepPasswords(dataDir: string, kept: KeptPasswords): Passwords {
  const passwords: Passwords = {
    [SUPERUSER]: kept[SUPERUSER],
    stager_owner: kept.stager_owner ?? draw(),
    stager_api: kept.stager_api ?? draw(),
    stager_worker: kept.stager_worker ?? draw(),
    stager_relay: kept.stager_relay ?? draw(),
    stager_admin: kept.stager_admin ?? draw(),
  };
  if (ROLES.every((role) => kept[role] !== undefined)) return passwords;
  const file = secretsFile(dataDir);
  const temporary = `${file}.new`;
  writePrivate(temporary, `${JSON.stringify(passwords, null, 2)}\n`);
  renameSync(temporary, file);
  return passwords;
}

function draw(): string {
  return randomBytes(32).toString('base64url');
}

/** Writes a file of mode 0600 and flushes it. */
export function writePrivate(path: string, text: string): void {
  const fd = openSync(path, 'w', 0o600);
  try {
    writeSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** @throws Error when the file is missing or not whole: the cluster cannot be opened without it. */
export function readPasswords(dataDir: string): Passwords {
  const file = secretsFile(dataDir);
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (isKept(value)) return keepPasswords(dataDir, value);
    throw new Error('it does not hold the password of the superuser');
  } catch (cause) {
    throw new Error(
      `the passwords of the Postgres data in ${dataDir} cannot be read from ${file}. Put the file back, or ` +
        'move the data folder away to start with an empty database.',
      { cause },
    );
  }
}

type KeptPasswords = Pick<Passwords, typeof SUPERUSER> & Partial<Passwords>;

function isKept(value: unknown): value is KeptPasswords {
  if (typeof value !== 'object' || value === null) return false;
  const entries = Object.entries(value);
  return (
    entries.some(([name]) => name === SUPERUSER) && entries.every(([, word]) => typeof word === 'string')
  );
}
