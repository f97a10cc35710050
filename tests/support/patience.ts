import { vi } from 'vitest';

/** Milliseconds for a state to come about where a test says no other: a shared machine may stand still for seconds. */
const PATIENCE_MS = 60_000;

// `expect.poll` has its own setting in vitest.config.ts; these have none, and would give up after a second.
const { waitFor, waitUntil } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
vi.waitUntil = (callback, options) =>
  waitUntil(callback, typeof options === 'number' ? options : { timeout: PATIENCE_MS, ...options });
