/** Every suite that a run must have executed at least one test of, by the folders that it lies in. */
export const SUITES = {
  sdk: ['sdk/'],
  cli: ['cli/'],
  server: ['server/'],
  worker: ['worker/'],
  migrations: ['migrations/'],
  examples: ['examples/'],
  acceptance: ['tests/acceptance/'],
  conformance: ['tests/conformance/'],
  packaging: ['tests/packaging/'],
  types: ['tests/types/'],
  scripts: ['scripts/'],
} as const satisfies Record<string, readonly string[]>;
