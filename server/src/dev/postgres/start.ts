import { mkdirSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { binariesOf, resolveBinaries } from './binaries.ts';
import { type ClusterContext, ensureCluster, type Log } from './cluster.ts';
import { adoptCluster, chooseRunAs } from './identity.ts';
import { takeOver } from './leftover.ts';
import { readPasswords, SUPERUSER } from './secrets.ts';
import { launch, type ServerProcess } from './server.ts';

export interface StartPostgresOptions {
  /** The cluster's folder. Beside it are kept `<dataDir>.secrets.json` (0600) and `postgres.log`. */
  readonly dataDir: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly log: Log;
  /** Default 60,000: recovery after a crash takes its time. */
  readonly readyTimeoutMs?: number;
  /** Folder of the programs of another PostgreSQL 15. Default: the one that came with the install. */
  readonly bin?: string | undefined;
  /** Settings of the server beside, or in the place of, those of the embedded stack. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Gives the start up: it rejects with the signal's reason and leaves no process. */
  readonly signal?: AbortSignal;
}

export interface RunningPostgres extends ServerProcess {
  readonly host: '127.0.0.1';
  readonly superuser: { readonly user: string; readonly password: string };
  /** True when this start made the cluster. */
  readonly firstBoot: boolean;
  readonly dataDir: string;
  readonly logFile: string;
}

/**
 * Starts the embedded Postgres: makes the cluster at the first boot, takes over from a server that an
 * earlier run left behind, listens on 127.0.0.1 only. One caller per data folder at a time.
 * @throws Error with the end of the server's log when it does not get ready.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<RunningPostgres> {
  const context = prepare(options);
  const logFile = logBeside(context.dataDir);
  const firstBoot = await ensureCluster(context);
  options.signal?.throwIfAborted();
  const passwords = readPasswords(context.dataDir);
  if (!firstBoot) {
    await takeOver(context.dataDir, options.log);
    await adoptCluster(context.runAs, context.dataDir);
  }
  const readyTimeoutMs = options.readyTimeoutMs ?? 60_000;
  const server = await launch(context, {
    port: options.port,
    logFile,
    readyTimeoutMs,
    settings: options.settings,
    signal: options.signal,
  });
  return {
    ...server,
    host: '127.0.0.1',
    superuser: { user: SUPERUSER, password: passwords[SUPERUSER] },
    firstBoot,
    dataDir: context.dataDir,
    logFile,
  };
}

/**
 * How long the bare server takes, in milliseconds from spawn to ready, on a cluster that is stopped: the
 * baseline for what the launcher adds.
 */
export async function timeBareStart(options: StartPostgresOptions): Promise<number> {
  const context = prepare(options);
  const logFile = logBeside(context.dataDir);
  const begin = performance.now();
  const server = await launch(context, { port: options.port, logFile, readyTimeoutMs: 60_000 });
  const took = performance.now() - begin;
  await server.stop();
  return took;
}

function prepare(options: StartPostgresOptions): ClusterContext {
  const binaries = options.bin === undefined ? resolveBinaries() : binariesOf(options.bin);
  const wanted = resolve(options.dataDir);
  mkdirSync(dirname(wanted), { recursive: true });
  // The real path: permissions are those of the folders behind a link, and the server reports it so.
  const dataDir = join(realpathSync(dirname(wanted)), basename(wanted));
  return { binaries, runAs: chooseRunAs(binaries, dirname(dataDir)), dataDir, log: options.log };
}

function logBeside(dataDir: string): string {
  return join(dirname(dataDir), 'postgres.log');
}
