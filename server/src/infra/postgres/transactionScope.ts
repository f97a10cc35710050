import { AsyncLocalStorage } from 'node:async_hooks';

const scopes = new AsyncLocalStorage<{ open: boolean }>();

/** Runs what happens within a database transaction, so that `isInTransaction` knows. */
export async function withinTransaction<T>(run: () => Promise<T>): Promise<T> {
  // What was begun in here and goes on behind the end, a timer for instance, is in no transaction any more.
  const scope = { open: true };
  try {
    return await scopes.run(scope, run);
  } finally {
    scope.open = false;
  }
}

/** Whether the caller holds a transaction open, with its locks and its connection. */
export function isInTransaction(): boolean {
  return scopes.getStore()?.open ?? false;
}
