// Runs at every start of the CLI in the repository, on Node 18 too: plain JavaScript, and as little as possible.
import { readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const stamp = join(root, 'cli', 'dist', 'stamp');

/** What the bundle of the CLI is made from. */
const INPUTS = [
  'cli/src',
  'sdk/src',
  'scripts/build',
  'scripts/build.ts',
  'cli/package.json',
  'package-lock.json',
];

/** Whether the bundle was made after the last change of what it is made from. */
export function isFresh() {
  const built = mtime(stamp);
  return built > 0 && INPUTS.every((input) => newest(join(root, input), built) < built);
}

/** The latest change at or below a path, in milliseconds; stops looking once it is later than `enough`. */
function newest(path, enough) {
  let latest = mtime(path);
  if (path.endsWith('.ts') || path.endsWith('.json')) return latest;
  if (latest === 0) return 0;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (latest >= enough) break;
    if (entry.name.endsWith('.test.ts')) continue;
    const below = join(path, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(below, enough) : mtime(below));
  }
  return latest;
}

function mtime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Builds the CLI when its bundle is missing or older than its sources. Ends the process when that fails. */
export async function ensureFresh() {
  if (isFresh()) return;
  const { buildWhenStale } = await import('./ensure.mjs');
  await buildWhenStale();
}
