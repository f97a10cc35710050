import { expect, test } from 'vitest';
import { connectionsFor } from './database.ts';

test.each([
  [undefined, 100],
  ['10', 100],
  ['20', 100],
  ['200', 460],
  ['many', 100],
])('with pools of %s, PostgreSQL takes %i connections', (pool, connections) => {
  expect(connectionsFor(pool)).toBe(connections);
});
