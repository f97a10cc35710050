import { FakeProblem } from './problems.ts';

/** Newest first; the cursor is the id of the last item of the page before. */
export function page<T extends { id: string }>(
  all: readonly T[],
  { limit, cursor }: Readonly<Record<string, string>>,
): { items: T[]; nextCursor: string | null } {
  const size = Number(limit ?? 50);
  const newest = all.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const start = cursor ? newest.findIndex(({ id }) => id === cursor) + 1 : 0;
  if (cursor && start === 0) throw new FakeProblem('cursor_invalid', 'The cursor is not of this list.');
  const items = newest.slice(start, start + size);
  return { items, nextCursor: start + size < newest.length ? (items.at(-1)?.id ?? null) : null };
}
