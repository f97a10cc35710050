import type { Rendered, View } from '../io/io.ts';
import { type Column, renderTable } from '../io/table.ts';

export const DEFAULT_LIMIT = 50;
const PAGE_MAX = 100;

/** One item more than is shown tells whether there are more. */
export const pageSize = (limit: number): number => Math.min(limit + 1, PAGE_MAX);

export interface Listed<T> {
  readonly found: readonly T[];
  readonly more: boolean;
}

export async function takeUpTo<T>(items: AsyncIterable<T>, limit: number): Promise<Listed<T>> {
  const found: T[] = [];
  for await (const item of items) {
    if (found.length === limit) return { found, more: true };
    found.push(item);
  }
  return { found, more: false };
}

interface ListForm<T> extends Listed<T> {
  readonly limit: number;
  /** What is said when there are none. */
  readonly none: string;
  readonly columns: (view: View) => readonly Column[];
  /** Clean text for each column. */
  readonly row: (item: T, now: number) => readonly string[];
}

/** A table for people; the bare list under `--json`. */
export function renderList<T>({ found, more, limit, none, columns, row }: ListForm<T>): Rendered {
  return {
    json: () => found,
    text(view) {
      if (found.length === 0) return none;
      const now = Date.now();
      const rows = found.map((item) => row(item, now));
      const table = renderTable(columns(view), rows, view.columns, view.style.dim);
      return more ? `${table}\n${view.style.dim(`There are more: --limit ${limit * 2}`)}` : table;
    },
  };
}
