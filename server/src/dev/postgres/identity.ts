import { spawnSync } from 'node:child_process';
import { chownSync, lchownSync, type Stats, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PostgresBinaries } from './binaries.ts';

/** The user `nobody`: initdb insists on a uid that has a passwd entry, and this one does nearly everywhere. */
const NOBODY = 65_534;

/**
 * How the Postgres programs are run. Postgres refuses uid 0, so root either drops to `nobody` or, where
 * `nobody` may not walk to the files (a checkout under a 0700 home), keeps its own files and becomes an
 * ordinary user inside a user namespace.
 */
export type RunAs =
  | { readonly kind: 'self' }
  | { readonly kind: 'drop'; readonly uid: number; readonly gid: number }
  | { readonly kind: 'namespace' };

export interface RunAsFacts {
  readonly root: boolean;
  /** The first path that `nobody` cannot use, or null. */
  readonly blockedAt: string | null;
  /** Asked only when it matters. */
  readonly namespaceWorks: () => boolean;
}

export function decideRunAs(facts: RunAsFacts): RunAs {
  if (!facts.root) return { kind: 'self' };
  if (facts.blockedAt === null) return { kind: 'drop', uid: NOBODY, gid: NOBODY };
  if (facts.namespaceWorks()) return { kind: 'namespace' };
  throw new Error(
    `Postgres does not run as root, the user nobody may not use ${facts.blockedAt}, and user namespaces are ` +
      `not available here. Run as an ordinary user, or let others pass with: chmod o+rx ${facts.blockedAt}`,
  );
}

/** Looks at this process and at the paths that Postgres has to reach. */
export function chooseRunAs(binaries: PostgresBinaries, dataParent: string): RunAs {
  const root = process.getuid?.() === 0;
  return decideRunAs({
    root,
    blockedAt: root ? firstBlocked(binaries, dataParent) : null,
    namespaceWorks,
  });
}

function firstBlocked(binaries: PostgresBinaries, dataParent: string): string | null {
  const walk = [...ancestors(dataParent), ...ancestors(dirname(binaries.postgres))];
  const unreachable = walk.find((dir) => !allows(statSync(dir), 'pass'));
  if (unreachable !== undefined) return unreachable;
  // A restrictive umask at install time takes these away from others while the folders stay open.
  const needed = [binaries.postgres, binaries.initdb, join(binaries.nativeDir, 'share')];
  return needed.find((path) => !allows(statSync(path), 'read and pass')) ?? null;
}

/** The folder itself and everything above it, outermost first. */
export function ancestors(dir: string): string[] {
  const parent = dirname(dir);
  return parent === dir ? [dir] : [...ancestors(parent), dir];
}

/** Whether `nobody` may pass through (x) or read and run (rx) what has these permissions. */
export function allows(stat: Pick<Stats, 'mode' | 'uid' | 'gid'>, want: 'pass' | 'read and pass'): boolean {
  const bits = want === 'pass' ? 0o1 : 0o5;
  const shift = stat.uid === NOBODY ? 6 : stat.gid === NOBODY ? 3 : 0;
  return ((stat.mode >> shift) & bits) === bits;
}

const NAMESPACE = ['unshare', '-U', `--map-user=${NOBODY}`] as const;

function namespaceWorks(): boolean {
  const [command, ...args] = NAMESPACE;
  return spawnSync(command, [...args, 'true'], { stdio: 'ignore' }).status === 0;
}

/** The command line and spawn options that run a program as decided. */
export function commandAs(runAs: RunAs, program: string, args: readonly string[]) {
  if (runAs.kind === 'namespace') {
    const [command, ...flags] = NAMESPACE;
    return { command, args: [...flags, program, ...args], options: {} };
  }
  const options = runAs.kind === 'drop' ? { uid: runAs.uid, gid: runAs.gid } : {};
  return { command: program, args: [...args], options };
}

/** Who owns the files outside of any namespace; null leaves the owner alone. */
function ownerFor(runAs: RunAs): { uid: number; gid: number } | null {
  if (runAs.kind === 'drop') return { uid: runAs.uid, gid: runAs.gid };
  return runAs.kind === 'namespace' ? { uid: 0, gid: 0 } : null;
}

/** Gives one fresh folder or file to the user that Postgres will run as. */
export function giveTo(runAs: RunAs, path: string): void {
  const owner = ownerFor(runAs);
  if (owner !== null) chownSync(path, owner.uid, owner.gid);
}

/** @throws Error when the folder belongs to somebody else and this process may not change that. */
export function refuseForeignOwner(runAs: RunAs, dataDir: string): void {
  const me = process.getuid?.();
  const present = statSync(dataDir).uid;
  if (runAs.kind !== 'self' || me === undefined || me === present) return;
  throw new Error(
    `the Postgres data in ${dataDir} belongs to uid ${present}, and this is uid ${me}. ` +
      `Start as the user who made it, or hand it over with: sudo chown -R ${me} ${dataDir}`,
  );
}

/**
 * Makes an existing cluster, whose server is stopped, belong to the user that Postgres runs as; one look
 * when it already does.
 */
export async function adoptCluster(runAs: RunAs, dataDir: string): Promise<void> {
  const owner = ownerFor(runAs);
  if (owner === null || statSync(dataDir).uid === owner.uid) return;
  for (const entry of await readdir(dataDir, { recursive: true })) {
    lchownSync(join(dataDir, entry), owner.uid, owner.gid);
  }
  // Last, so that a kill in between leaves the sign that the work is not done.
  chownSync(dataDir, owner.uid, owner.gid);
}
