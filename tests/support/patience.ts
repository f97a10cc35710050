import { vi } from 'vitest';

/** Milliseconds for a state to come about where a test says no other: a shared machine may stand still for seconds. */
const PATIENCE_MS = 15_000;

// `expect.poll` has its own setting in vitest.config.ts; `waitFor` has none, and would give up after a second.
const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
