import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** A file that is no longer part of the build is kept this long: a process that runs may still load it. */
const KEEP_MS = 60 * 60_000;

export interface OutputFile {
  readonly path: string;
  readonly contents: Uint8Array | string;
}

/** Puts each file in place in one step, and leaves those that are unchanged. */
export function writeOutputs(files: readonly OutputFile[]): void {
  for (const { path, contents } of files) {
    const wanted = Buffer.from(contents);
    if (existsSync(path) && readFileSync(path).equals(wanted)) continue;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, wanted);
    renameSync(temporary, path);
  }
}

/** Removes what an earlier build left in a flat folder and this one did not write. */
export function removeStale(folder: string, keep: readonly string[], now = Date.now()): void {
  const kept = new Set(keep.map((file) => basename(file)));
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (!kept.has(name) && now - statSync(path).mtimeMs > KEEP_MS) rmSync(path, { recursive: true });
  }
}
