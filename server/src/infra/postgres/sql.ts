import type { Knex } from 'knex';
import type { ImageError } from '../../contract/index.ts';

/** A statement with its values apart; made by the tag `sql`. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** Values become parameters, statements are put in as they are. */
export function sql(strings: TemplateStringsArray, ...parts: readonly unknown[]): Statement {
  let text = escapeMarks(strings[0] ?? '');
  const values: unknown[] = [];
  parts.forEach((part, index) => {
    if (isStatement(part)) {
      text += part.text;
      values.push(...part.values);
    } else {
      text += '?';
      values.push(part);
    }
    text += escapeMarks(strings[index + 1] ?? '');
  });
  return { text, values };
}

/**
 * LIMIT for what an index has in the order that is asked for. Told the number, the planner may find that few rows
 * qualify and would rather fetch and sort them all; not told, it plans for the first rows, which is to walk along
 * the index. Its estimate may be wrong by far, and then the walk still reads no more than it returns.
 */
export function first(limit: number): Statement {
  return sql`LIMIT (SELECT ${limit}::bigint)`;
}

function escapeMarks(text: string): string {
  return text.replaceAll('?', '\\?');
}

function isStatement(part: unknown): part is Statement {
  return typeof part === 'object' && part !== null && 'text' in part && 'values' in part;
}

/** Where statements run: one transaction, or the pool with each statement by itself. */
export interface Sql {
  /** `R` says what the statement selects; the tests of the repositories hold the two together. */
  rows<R>(statement: Statement): Promise<R[]>;
  /** The number of rows that were changed. */
  run(statement: Statement): Promise<number>;
  /** What fails inside is undone and leaves the transaction around it usable. */
  nested<T>(run: (inner: Sql) => Promise<T>): Promise<T>;
}

export function createSql(db: Knex, mapError: (error: unknown) => unknown = (error) => error): Sql {
  async function ask<R>({ text, values }: Statement): Promise<{ rows: R[]; rowCount: number | null }> {
    try {
      // Knex declares its bindings as a mutable array of its own union; pg takes any value.
      return await db.raw<{ rows: R[]; rowCount: number | null }>(text, values as Knex.RawBinding[]);
    } catch (error) {
      throw mapError(error);
    }
  }
  return {
    rows: async <R>(statement: Statement) => (await ask<R>(statement)).rows,
    run: async (statement) => (await ask(statement)).rowCount ?? 0,
    async nested(run) {
      try {
        return await db.transaction((trx) => run(createSql(trx)));
      } catch (error) {
        throw mapError(error);
      }
    },
  };
}

/** Text as Postgres can store it: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** What an engine says when it fails may hold whatever bytes it met. */
export function storableError({ code, message, hint, retryable }: ImageError): ImageError {
  return { code, message: storable(message), hint: hint === null ? null : storable(hint), retryable };
}
