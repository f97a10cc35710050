import { DomainError } from './errors.ts';

const VERSION = '1';

/** Opaque to clients, so that what stands in it may change. Ownership is checked by the query, not here. */
export function encodeCursor(afterId: string | null): string | null {
  return afterId === null ? null : encodePlace(afterId);
}

/** @throws DomainError `cursor_invalid` when it is not one of ours, or of another list */
export function decodeCursor(cursor: string | undefined, prefix: string): string | null {
  return decodePlace(cursor, new RegExp(`^${prefix}_[0-9a-z]{26}$`));
}

/** A place in a list that is not ordered by ids. */
export function encodePlace(place: string): string {
  return Buffer.from(`${VERSION}:${place}`).toString('base64url');
}

/** @throws DomainError `cursor_invalid` when it is not one of ours, or not of this form */
export function decodePlace(cursor: string | undefined, form: RegExp): string | null {
  if (cursor === undefined) return null;
  const [, place] = /^1:(.*)$/.exec(Buffer.from(cursor, 'base64url').toString('utf8')) ?? [];
  if (place === undefined || !form.test(place)) {
    throw new DomainError(
      'cursor_invalid',
      'Pass the nextCursor of the page before, unchanged, to the same list.',
    );
  }
  return place;
}
