import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { commandAs, giveTo, type RunAs, refuseForeignOwner } from './identity.ts';
import { SUPERUSER, writeNewPasswords, writePrivate } from './secrets.ts';

export type Log = (line: string) => void;

export interface ClusterContext {
  readonly binaries: PostgresBinaries;
  readonly runAs: RunAs;
  readonly dataDir: string;
  readonly log: Log;
}

/** The environment of every Postgres program: English messages (we read them), nothing of the user's PG* settings. */
export function postgresEnv(): NodeJS.ProcessEnv {
  const keep = ['PATH', 'SystemRoot', 'TEMP', 'TMP'];
  const kept = keep.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
}

/**
 * Makes the cluster when there is none. It grows in a folder beside and is renamed when whole, so a kill
 * at any moment leaves either no cluster or a good one.
 * @returns true on the first boot.
 */
export async function ensureCluster(context: ClusterContext): Promise<boolean> {
  await removeStaleAttempts(context);
  if (existsSync(context.dataDir)) {
    refuseForeignOwner(context.runAs, context.dataDir);
    if (existsSync(join(context.dataDir, 'PG_VERSION'))) return false;
    refuseForeignFiles(context.dataDir);
  }
  const attempt = await mkdtemp(`${context.dataDir}.init-`);
  try {
    await initialise(context, attempt);
  } finally {
    await rm(attempt, { recursive: true, force: true, maxRetries: 3 });
  }
  return true;
}

/** What a killed initdb left behind. */
async function removeStaleAttempts({ dataDir, log }: ClusterContext): Promise<void> {
  const parent = dirname(dataDir);
  const prefix = `${basename(dataDir)}.init-`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    log(`removing an unfinished database folder: ${join(parent, name)}`);
    await rm(join(parent, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function refuseForeignFiles(dataDir: string): void {
  if (readdirSync(dataDir).length === 0) return;
  throw new Error(
    `${dataDir} holds files but no Postgres data. Nothing was changed: move it away, or choose another folder.`,
  );
}

async function initialise(context: ClusterContext, attempt: string): Promise<void> {
  const { runAs, dataDir } = context;
  const data = join(attempt, 'data');
  const passwordFile = join(attempt, 'password');
  const passwords = writeNewPasswords(dataDir);
  writePrivate(passwordFile, passwords[SUPERUSER]);
  await mkdir(data, { mode: 0o700 });
  for (const path of [attempt, passwordFile, data]) giveTo(runAs, path);
  await runInitdb(context, data, passwordFile);
  await rename(data, dataDir);
}

async function runInitdb(context: ClusterContext, data: string, passwordFile: string): Promise<void> {
  const args = [
    ...['-D', data, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ...['--encoding=UTF8', '--locale=C', '--no-sync', '--no-instructions'],
  ];
  const { command, args: all, options } = commandAs(context.runAs, context.binaries.initdb, args);
  const child = spawn(command, all, {
    ...options,
    cwd: '/',
    env: postgresEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4000);
    });
  }
  const outcome = await new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${code ?? signal}`));
  });
  if (outcome === null) return;
  throw new Error(`initdb could not make the database in ${context.dataDir}: ${outcome}\n${output}`.trim());
}
