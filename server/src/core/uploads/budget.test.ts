import { expect, test } from 'vitest';
import { createByteBudget } from './budget.ts';

function gate() {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, passed };
}

test('holds tasks back while the bytes do not fit and admits them in order', async () => {
  const run = createByteBudget(10);
  const started: string[] = [];
  const first = gate();
  const a = run(6, async () => {
    started.push('a');
    await first.passed;
  });
  const b = run(6, async () => void started.push('b'));
  const c = run(1, async () => void started.push('c'));
  await Promise.resolve();
  await Promise.resolve();
  expect(started).toEqual(['a']);
  first.open();
  await Promise.all([a, b, c]);
  expect(started).toEqual(['a', 'b', 'c']);
});

test('a task above the whole budget runs alone, and one that fails gives its share back', async () => {
  const run = createByteBudget(10);
  await expect(run(1000, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  await expect(run(10, async () => 'ran')).resolves.toBe('ran');
});
