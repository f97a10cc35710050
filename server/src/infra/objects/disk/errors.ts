import { ObjectStoreError } from '../../../ports/index.ts';

const CODES: Readonly<Record<string, ObjectStoreError['code']>> = {
  ENOSPC: 'full',
  EDQUOT: 'full',
  EACCES: 'denied',
  EPERM: 'denied',
  EROFS: 'denied',
  EIO: 'unreachable',
  ESTALE: 'unreachable',
  ENODEV: 'unreachable',
};

const HINTS: Readonly<Record<ObjectStoreError['code'], string>> = {
  full: 'The disk of the photo store is full.',
  denied: 'The folder of the photo store does not let us.',
  unreachable: 'The folder of the photo store does not answer.',
  failed: 'The photo store has failed.',
};

export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Nothing of that name: also when a part of the path is a file, or the whole of it a folder. */
export function isMissing(error: unknown): boolean {
  const code = errnoOf(error);
  return code === 'ENOENT' || code === 'ENOTDIR' || code === 'EISDIR';
}

export function toStoreError(error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof ObjectStoreError) return error;
  // Whoever aborted knows why; to call that a fault of the store would be wrong.
  if (signal?.aborted) return signal.reason;
  const code = CODES[errnoOf(error) ?? ''] ?? 'failed';
  const reason = error instanceof Error ? error.message : String(error);
  return new ObjectStoreError(code, `${HINTS[code]} ${reason}`, { cause: error });
}
