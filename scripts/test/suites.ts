/** Every suite that a run must have executed at least one test of, by the folders that it lies in. */
export const SUITES = {
  sdk: ['sdk/'],
  cli: ['cli/'],
  server: ['server/'],
  worker: ['worker/'],
  migrations: ['migrations/', 'server/src/infra/migrate/', 'server/src/infra/postgres/'],
  examples: ['examples/'],
  acceptance: ['tests/acceptance/'],
  conformance: ['tests/conformance/'],
} as const satisfies Record<string, readonly string[]>;
