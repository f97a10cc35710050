import { constants } from 'node:fs';
import { access, type FileHandle, open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, join, relative, resolve, sep } from 'node:path';
import { OptionsError } from '../core/errors.ts';
import { cleanName, uniqueNames } from '../stage/names.ts';
import { SNIFF_BYTES, sniff } from '../stage/sniff.ts';
import type { FoundFile, StageSource } from '../stage/types.ts';

export interface Photo extends FoundFile {
  readonly bytes: Uint8Array | undefined;
}

/** A file or folder that is there and cannot be looked at. */
export interface Unreadable {
  readonly name: string;
  readonly why: string;
}

export interface Discovered {
  readonly photos: readonly Photo[];
  readonly unreadable: readonly Unreadable[];
  /** Names of files in folders that are no photos. */
  readonly others: readonly string[];
}

interface Candidate {
  readonly names: readonly [string, ...string[]];
  readonly path: string | undefined;
  readonly bytes: Uint8Array | undefined;
  readonly size: number;
}

/** Files with these endings are meant as photos: what is wrong with one is said, not passed over. */
const PHOTO = /\.(jpe?g|png|webp|avif|heic|heif|tiff?|gif|bmp|dng|cr2|cr3|nef|arw|raf|orf|rw2)$/i;

/**
 * All photos of the sources, in order; folders are walked, hidden files and the folder `out` are not.
 * @throws OptionsError for a path that does not exist
 */
export async function discover(
  sources: readonly StageSource[],
  out: string | undefined,
): Promise<Discovered> {
  const apart = out === undefined ? undefined : resolve(out);
  const found: Candidate[] = [];
  const others: string[] = [];
  const unreadable: Unreadable[] = [];
  const seen = new Set<string>();
  const folders = sources.filter((source) => typeof source === 'string').length > 1;
  for (const source of sources) {
    if (typeof source !== 'string') {
      found.push(await namedCandidate(source));
      continue;
    }
    const info = await stat(source).catch(missing(source));
    if (!info.isDirectory()) {
      if (isNew(seen, await realpath(source))) found.push(fileCandidate(source, info.size));
      continue;
    }
    await access(source, constants.R_OK | constants.X_OK).catch(missing(source));
    const inSource = (path: string) => cleanName(relative(source, path).split(sep).join('/'));
    const giveUp = (path: string, why: string) => unreadable.push({ name: inSource(path), why });
    for await (const entry of walk(source, apart, giveUp)) {
      if (!isNew(seen, await realpath(entry.path))) continue;
      const name = inSource(entry.path);
      if (!PHOTO.test(name) && !(await looksLikePhoto(entry.path))) others.push(name);
      else found.push(folderCandidate(source, name, entry, folders));
    }
  }
  const names = uniqueNames(found.map((candidate) => candidate.names));
  return {
    photos: found.map(({ path, bytes, size }, i) => ({ name: names[i] ?? 'photo', path, bytes, size })),
    unreadable,
    others,
  };
}

function isNew(seen: Set<string>, path: string): boolean {
  if (seen.has(path)) return false;
  seen.add(path);
  return true;
}

function missing(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new OptionsError(`There is no file or folder ${path}, or it cannot be read.`, {
      code: 'invalid_options',
      cause,
    });
  };
}

async function namedCandidate(source: Exclude<StageSource, string>): Promise<Candidate> {
  const names = [cleanName(source.name)] as const;
  if ('bytes' in source) return { names, path: undefined, bytes: source.bytes, size: source.bytes.length };
  const info = await stat(source.path).catch(missing(source.path));
  return { names, path: source.path, bytes: undefined, size: info.size };
}

function fileCandidate(path: string, size: number): Candidate {
  return { names: [cleanName(basename(path)), cleanName(path)], path, bytes: undefined, size };
}

/** With one folder, names are relative to it; with several, a name that two have begins with that of its folder. */
function folderCandidate(folder: string, name: string, entry: Entry, several: boolean): Candidate {
  const { path, size } = entry;
  const qualified = cleanName(`${basename(resolve(folder))}/${name}`);
  return { names: several ? [name, qualified] : [name], path, bytes: undefined, size };
}

interface Entry {
  readonly path: string;
  readonly size: number;
}

/** What cannot be looked at is told and passed over: the rest of a listing goes on. */
async function* walk(
  folder: string,
  apart: string | undefined,
  giveUp: (path: string, why: string) => void,
): AsyncGenerator<Entry> {
  const entries = await readdir(folder, { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('.') || resolve(path) === apart) continue;
    try {
      if (entry.isDirectory()) {
        yield* walk(path, apart, giveUp);
        continue;
      }
      // A link to a file counts as the file; a link to a folder may lead in a circle.
      const info = await stat(path);
      if (info.isFile()) yield { path, size: info.size };
    } catch (error) {
      if (entry.isDirectory() || PHOTO.test(entry.name)) giveUp(path, whyUnreadable(entry.name, error));
    }
  }
}

/** Node shows the bytes of a name that are not UTF-8 as this, and finds nothing of that name afterwards. */
const NOT_UTF8 = '\ufffd';

function whyUnreadable(name: string, error: unknown): string {
  if (name.includes(NOT_UTF8)) return 'Its name is not UTF-8. Rename it.';
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'EACCES' || code === 'EPERM') return 'There is no permission to read it.';
  if (code === 'ENOENT') return 'It is a link that leads nowhere.';
  return `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`;
}

async function looksLikePhoto(path: string): Promise<boolean> {
  const head = await readHead(path).catch(() => undefined);
  return head !== undefined && sniff(head)?.contentType !== undefined;
}

/** The first bytes of a file. */
export async function readHead(path: string): Promise<Uint8Array> {
  const file: FileHandle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
