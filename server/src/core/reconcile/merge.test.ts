import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, type ListedObject } from '../../ports/index.ts';
import { type Keyed, type MergeVisitor, mergeSides, OutOfOrder, readAhead } from './merge.ts';

async function* pagesOf<T>(items: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}

const objectOf = (key: string): ListedObject => ({ key, size: 1, etag: '"e"', modifiedAt: new Date(0) });
const rowOf = (key: string): Keyed => ({ key, id: 'a' });

function visitor() {
  const seen: string[] = [];
  const visit: MergeVisitor<Keyed> = {
    rowOnly: ({ key }) => void seen.push(`row ${key}`),
    objectOnly: ({ key }) => void seen.push(`object ${key}`),
    both: ({ key }) => void seen.push(`both ${key}`),
    settle: async () => undefined,
  };
  return { seen, visit };
}

test('whatever the two sides are, each key is visited once, as what it is', async () => {
  const keys = fc.uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', '\ud83d\ude00'), minLength: 1 }),
  );
  await fc.assert(
    fc.asyncProperty(keys, keys, fc.integer({ min: 1, max: 4 }), async (left, right, size) => {
      const rows = left.toSorted(compareKeys);
      const objects = right.toSorted(compareKeys);
      const { seen, visit } = visitor();
      await mergeSides(
        pagesOf(rows.map(rowOf), size),
        readAhead(pagesOf(objects.map(objectOf), size)),
        visit,
      );
      const expected = [...new Set([...rows, ...objects])].toSorted(compareKeys).map((key) => {
        if (!objects.includes(key)) return `row ${key}`;
        return rows.includes(key) ? `both ${key}` : `object ${key}`;
      });
      expect(seen).toEqual(expected);
    }),
  );
});

test('rows that share an object are each compared with it', async () => {
  const { seen, visit } = visitor();
  const rows = [
    { key: 'a', id: '1' },
    { key: 'a', id: '2' },
  ];
  await mergeSides(pagesOf(rows, 1), pagesOf([objectOf('a')], 1), visit);
  expect(seen).toEqual(['both a', 'both a']);
});

test.each([
  ['rows', ['b', 'a'], ['a', 'b']],
  ['rows that repeat', ['a', 'a'], ['a']],
  ['objects', ['a', 'b'], ['b', 'a']],
  ['objects that repeat', ['a'], ['a', 'a']],
])('%s out of order are an error', async (_name, rows, objects) => {
  for (const size of [1, 2]) {
    const { visit } = visitor();
    const merging = mergeSides(pagesOf(rows.map(rowOf), size), pagesOf(objects.map(objectOf), size), visit);
    await expect(merging).rejects.toThrow(OutOfOrder);
  }
});

test('what is settled is behind nothing that is still to come', async () => {
  const settled: string[] = [];
  const visited: string[] = [];
  const rows = ['a', 'c', 'e', 'g'].map(rowOf);
  const objects = ['b', 'c', 'f'].map(objectOf);
  await mergeSides(pagesOf(rows, 1), pagesOf(objects, 1), {
    rowOnly: ({ key }) => void visited.push(key),
    objectOnly: ({ key }) => void visited.push(key),
    both: ({ key }) => void visited.push(key),
    async settle(key, isEnd) {
      settled.push(key);
      // The last key may come again, from a page that was not read yet.
      if (!isEnd && visited.length > 0) expect(compareKeys(key, visited.at(-1) ?? '')).toBeLessThan(0);
    },
  });
  expect(settled.at(-1)).toBe('g');
});
