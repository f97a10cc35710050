import { compareKeys, type ListedObject } from '../../ports/index.ts';

/** What has a key, and an id that tells rows with the same key apart. */
export interface Keyed {
  readonly key: string;
  readonly id: string;
}

/** What the walk along both sides comes by, in the order of the keys. */
export interface MergeVisitor<R extends Keyed> {
  /** A row whose object is not listed. */
  rowOnly(row: R): void;
  /** An object that no row names. */
  objectOnly(object: ListedObject): void;
  both(row: R, object: ListedObject): void;
  /**
   * Called between pages: all that has a key up to this one was visited, and nothing behind it counts on being
   * remembered. So a walk can begin anew behind it.
   * @param isEnd whether there is nothing more to come
   */
  settle(key: string, isEnd: boolean): Promise<void>;
}

/** One side is not in the order in which it has to be: nothing that follows from it can be believed. */
export class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder';
}

/**
 * Walks along two sorted streams at once, in memory for a page of each. Both orders are asserted.
 * @throws OutOfOrder, and what either stream throws
 */
export async function mergeSides<R extends Keyed>(
  rowPages: AsyncIterable<readonly R[]>,
  objectPages: AsyncIterable<readonly ListedObject[]>,
  visitor: MergeVisitor<R>,
  after = '',
): Promise<void> {
  const rows = new Side(rowPages, (row, last) => isBehindRow(row, last));
  const objects = new Side(objectPages, (object, last) => compareKeys(object.key, last.key) > 0);
  /** Key under way, and the last one that is done with. */
  let [current, settled] = [after, after];
  let matched: string | undefined;
  const visit = (key: string) => {
    if (key === current) return;
    settled = current;
    current = key;
  };
  try {
    for (;;) {
      if (rows.isEmpty || objects.isEmpty) {
        await visitor.settle(settled, false);
        await Promise.all([rows.fill(), objects.fill()]);
      }
      const [row, object] = [rows.head, objects.head];
      if (!row && !object) break;
      const order = !row ? 1 : !object ? -1 : row.key === object.key ? 0 : compareKeys(row.key, object.key);
      if (row && order <= 0) {
        visit(row.key);
        if (object && order === 0) {
          visitor.both(row, object);
          matched = object.key;
        } else {
          visitor.rowOnly(row);
        }
        rows.advance();
      } else if (object) {
        visit(object.key);
        if (object.key !== matched) visitor.objectOnly(object);
        objects.advance();
      }
    }
    await visitor.settle(current, true);
  } finally {
    await Promise.all([rows.close(), objects.close()]);
  }
}

function isBehindRow(row: Keyed, last: Keyed): boolean {
  if (row.key === last.key) return row.id > last.id;
  return compareKeys(row.key, last.key) > 0;
}

/** One stream, a page at a time. */
class Side<T extends { readonly key: string }> {
  readonly #pages: AsyncIterator<readonly T[]>;
  readonly #isBehind: (item: T, last: T) => boolean;
  #page: readonly T[] = [];
  #at = 0;
  #over = false;
  #last: T | undefined;

  constructor(pages: AsyncIterable<readonly T[]>, isBehind: (item: T, last: T) => boolean) {
    this.#pages = pages[Symbol.asyncIterator]();
    this.#isBehind = isBehind;
  }

  /** The page is read to its end, and there may be another. */
  get isEmpty(): boolean {
    return this.#at >= this.#page.length && !this.#over;
  }

  get head(): T | undefined {
    return this.#page[this.#at];
  }

  advance(): void {
    this.#at += 1;
  }

  async fill(): Promise<void> {
    while (this.isEmpty) {
      const next = await this.#pages.next();
      if (next.done) {
        this.#over = true;
        return;
      }
      this.#page = next.value;
      this.#at = 0;
      for (const item of this.#page) {
        if (this.#last && !this.#isBehind(item, this.#last))
          throw new OutOfOrder(`${item.key} comes behind ${this.#last.key}.`);
        this.#last = item;
      }
    }
  }

  async close(): Promise<void> {
    await this.#pages.return?.();
  }
}

/** Asks for the next page while the one before is worked on. */
export async function* readAhead<T>(pages: AsyncIterable<T>): AsyncGenerator<T> {
  const source = pages[Symbol.asyncIterator]();
  const ask = () => {
    const next = source.next();
    // Whoever takes it hears of its failure; nobody may, when the reader leaves.
    next.catch(() => undefined);
    return next;
  };
  let next = ask();
  try {
    for (;;) {
      const page = await next;
      if (page.done) return;
      next = ask();
      yield page.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return?.();
  }
}
