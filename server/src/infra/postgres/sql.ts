import type pg from 'pg';
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
  /**
   * Sent with the commit, as one message: for what others wait for, so that it is held no longer than that takes. What
   * is asked before sees nothing of it. Where each statement runs by itself, these are one transaction.
   */
  late(statements: readonly Statement[]): Promise<void>;
  /** What fails inside is undone and leaves the transaction around it usable. */
  nested<T>(run: (inner: Sql) => Promise<T>): Promise<T>;
}

/** Sends one statement; the rest is left to where it runs. */
export type Ask = (statement: Statement) => Promise<pg.QueryResult>;

export function createSql(ask: Ask, { late, nested }: Pick<Sql, 'late' | 'nested'>): Sql {
  return {
    async rows<R>(statement: Statement) {
      const { rows } = await ask(statement);
      // What pg has read has the shape that the caller knows of; see `rows` above.
      return rows as R[];
    },
    run: async (statement) => (await ask(statement)).rowCount ?? 0,
    late,
    nested,
  };
}

/**
 * Waits for statements of one transaction that were sent without waiting for each other's answers.
 * @throws the first failure in the order in which they were sent, which is the cause of those behind it
 */
export async function together<const T extends readonly Promise<unknown>[]>(
  steps: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  for (const outcome of await Promise.allSettled(steps)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
  return Promise.all(steps);
}

/** With the numbered placeholders of the wire protocol. */
export function toQuery({ text, values }: Statement): { text: string; values: unknown[] } {
  let count = 0;
  const numbered = text.replaceAll(/\\\?|\?/g, (mark) => {
    if (mark !== '?') return '?';
    count += 1;
    return `$${count}`;
  });
  return { text: numbered, values: [...values] };
}

const names = new Map<string, string>();

/** The same text is the same prepared statement. Texts come from the source alone, so there are few. */
export function toNamedQuery(statement: Statement): { name: string; text: string; values: unknown[] } {
  const query = toQuery(statement);
  const name = names.get(query.text) ?? `s${names.size + 1}`;
  names.set(query.text, name);
  return { name, ...query };
}

/** Text as Postgres can store it: no NUL, no half of a surrogate pair. */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}

/** What an engine says when it fails may hold whatever bytes it met. */
export function storableError({ code, message, hint, retryable }: ImageError): ImageError {
  return { code, message: storable(message), hint: hint === null ? null : storable(hint), retryable };
}
