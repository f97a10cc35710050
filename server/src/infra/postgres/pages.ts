import type { Page, PageRequest } from '../../ports/index.ts';
import { type Statement, sql } from './sql.ts';

/** Newest first: what stands behind the id that the page before ended with. */
export function behind({ after }: PageRequest, column: Statement): Statement {
  return after === null ? sql`` : sql`AND ${column} < ${after}`;
}

/** One row more than asked for says that there is a next page. */
export function toPage<T extends { readonly id: string }>(rows: readonly T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
}
