import { expect, test } from 'vitest';
import { createMemory, pieceSize } from './memory.ts';

const MB = 1024 * 1024;

function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

test('holds tasks back while the bytes do not fit and admits them in order', async () => {
  const lend = createMemory(10 * MB);
  const started: string[] = [];
  const first = gate();
  const a = lend(8 * MB, async () => {
    started.push('a');
    await first.passed;
  });
  const b = lend(4 * MB, async () => void started.push('b'));
  const c = lend(1, async () => void started.push('c'));
  await Promise.resolve();
  await Promise.resolve();
  expect(started).toEqual(['a']);
  first.open();
  await Promise.all([a, b, c]);
  expect(started).toEqual(['a', 'b', 'c']);
});

test('a task above all of it runs alone, and one that fails gives its share back', async () => {
  const lend = createMemory(MB);
  await expect(lend(5 * MB, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await lend(5 * MB, async (memory) => memory.length)).toBe(8 * MB);
});

test('few at a time, and in the same memory', async () => {
  const lend = createMemory(100 * MB);
  const seen = new Set<Buffer>();
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 40 }, () =>
      lend(2 * MB, async (memory) => {
        seen.add(memory);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    ),
  );
  expect(most).toBe(8);
  expect(seen.size).toBe(8);
});

test('no two tasks hold the same memory', async () => {
  const lend = createMemory(MB);
  await lend(1, async (outer) => {
    await lend(1, async (inner) => expect(inner).not.toBe(outer));
  });
});

test.each([
  [0, MB / 4],
  [MB / 4 + 1, MB / 2],
  [50 * MB, 64 * MB],
])('%i bytes are lent as %i', (bytes, size) => expect(pieceSize(bytes)).toBe(size));
