export interface FileTrouble {
  readonly code: string;
  readonly path: string | undefined;
  /** The rest of a sentence: `there is no permission`. */
  readonly why: string;
  /** What to do, as a sentence. */
  readonly fix: string;
}

type Words = Pick<FileTrouble, 'why' | 'fix'>;

const NO_PERMISSION: Words = { why: 'there is no permission', fix: 'Check who owns it, and its mode.' };
const FULL: Words = { why: 'there is no space left on the disk', fix: 'Make space there.' };

const WORDS: Readonly<Record<string, Words>> = {
  EACCES: NO_PERMISSION,
  EPERM: NO_PERMISSION,
  EROFS: { why: 'the file system is read-only', fix: 'Use another folder.' },
  ENOENT: { why: 'it is not there, and cannot be made', fix: 'Check the path.' },
  ENOTDIR: { why: 'a part of the path is a file, not a folder', fix: 'Check the path.' },
  // As a code of mkdir.
  EEXIST: { why: 'there is something of that name that is no folder', fix: 'Use another name.' },
  EISDIR: { why: 'it is a folder, not a file', fix: 'Move it away.' },
  ELOOP: { why: 'its links lead in a circle', fix: 'Check the links.' },
  ENAMETOOLONG: { why: 'the name is longer than the file system allows', fix: 'Use a shorter one.' },
  ENOSPC: FULL,
  EDQUOT: FULL,
  EMFILE: { why: 'too many files are open', fix: 'Allow more: ulimit -n' },
};

/** What an error of the file system means for a person; undefined for every other error. */
export function fileTrouble(error: unknown): FileTrouble | undefined {
  if (!(error instanceof Error && 'code' in error && 'syscall' in error)) return undefined;
  const code = String(error.code);
  // Reading and writing what is open already names no path.
  const path = 'path' in error ? String(error.path) : undefined;
  const words = WORDS[code] ?? { why: `the system answered ${code}`, fix: 'Check the disk.' };
  return { code, path, ...words };
}
