import type { ApiPromise } from './apiPromise.ts';

export interface Page<T> {
  readonly items: T[];
  /** Pass it as `cursor` for the next page; null on the last. */
  readonly nextCursor: string | null;
}

/**
 * A list of any length, fetched page by page as it is read.
 * @example
 * for await (const project of stager.projects.list()) console.log(project.name);
 */
export class Pages<T, P extends Page<T> = Page<T>> implements AsyncIterable<T> {
  readonly #load: (cursor: string | undefined) => ApiPromise<P>;

  constructor(load: (cursor: string | undefined) => ApiPromise<P>) {
    this.#load = load;
  }

  /** One page: the first, or that of the `cursor` given to the list. */
  page(): ApiPromise<P> {
    return this.#load(undefined);
  }

  /** Page after page. */
  async *pages(): AsyncGenerator<P, void, undefined> {
    let cursor: string | undefined;
    do {
      const page: P = await this.#load(cursor);
      yield page;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const { items } of this.pages()) yield* items;
  }

  /** @param options.limit largest number of items; fetches no page beyond. @default all */
  async toArray({ limit = Number.POSITIVE_INFINITY }: { limit?: number } = {}): Promise<T[]> {
    const all: T[] = [];
    if (limit <= 0) return all;
    for await (const item of this) {
      all.push(item);
      if (all.length >= limit) break;
    }
    return all;
  }
}

/** The list of a query: from its `cursor` on, where it has one. */
export function pagesOf<Q extends { readonly cursor?: string | undefined }, T, P extends Page<T> = Page<T>>(
  query: Q,
  load: (input: { readonly query: Q }) => ApiPromise<P>,
): Pages<T, P> {
  return new Pages((cursor) => load({ query: { ...query, cursor: cursor ?? query.cursor } }));
}
