/** Every suite that a run must have executed at least one test of, by the folders that it lies in. */
export const SUITES: Readonly<Record<string, readonly string[]>> = {
  sdk: ['sdk/'],
  cli: ['cli/'],
  server: ['server/'],
  worker: ['worker/'],
  migrations: ['migrations/'],
  examples: ['examples/'],
  acceptance: ['tests/acceptance/'],
  conformance: ['tests/conformance/'],
  packaging: ['tests/packaging/'],
  security: ['tests/security/'],
  types: ['tests/types/'],
  scripts: ['scripts/'],
};

/** On the servers of production; only where they are asked for. */
export const SERVICE_SUITES: Readonly<Record<string, readonly string[]>> = {
  faults: ['tests/faults/'],
  chaos: ['tests/chaos/'],
};

export function wantedSuites(env: NodeJS.ProcessEnv): Readonly<Record<string, readonly string[]>> {
  return env['STAGER_TEST_SERVICES'] === '1' ? { ...SUITES, ...SERVICE_SUITES } : SUITES;
}
