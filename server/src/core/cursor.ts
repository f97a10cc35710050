import { DomainError } from './errors.ts';

const VERSION = '1';

/** Opaque to clients, so that what stands in it may change. Ownership is checked by the query, not here. */
export function encodeCursor(afterId: string | null): string | null {
  return afterId === null ? null : Buffer.from(`${VERSION}:${afterId}`).toString('base64url');
}

/** @throws DomainError `cursor_invalid` when it is not one of ours, or of another list */
export function decodeCursor(cursor: string | undefined, prefix: string): string | null {
  if (cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  const match = /^1:([a-z]{3})_[0-9a-z]{26}$/.exec(text);
  if (match?.[1] !== prefix) {
    throw new DomainError(
      'cursor_invalid',
      'Pass the nextCursor of the page before, unchanged, to the same list.',
    );
  }
  return text.slice(VERSION.length + 1);
}
