import { defineConfig } from 'vitest/config';

/** The workspaces export their sources under this condition, so that tests run on what is being written. */
const SOURCES = 'stager-dev';

function project(name: string, include: string[], exclude: string[] = []) {
  return { extends: true as const, test: { name, include, exclude: [...LEFT_OUT, ...exclude] } };
}

const LEFT_OUT = ['**/node_modules/**', '**/dist/**', 'tests/bench/**'];

/** Once more on the servers of production: PostgreSQL, MinIO, Redis with bee-queue. */
const onServices = {
  extends: true as const,
  test: {
    name: 'services',
    include: [
      'tests/acceptance/**/*.test.ts',
      'tests/conformance/**/*.test.ts',
      'tests/**/*.services.test.ts',
      'server/src/infra/**/*.test.ts',
    ],
    exclude: LEFT_OUT,
    globalSetup: ['tests/support/servicesSetup.ts'],
    env: { STAGER_TEST_PROFILE: 'services' },
  },
};

export default defineConfig({
  resolve: { conditions: [SOURCES, 'node'] },
  ssr: { resolve: { conditions: [SOURCES, 'node'] } },
  test: {
    globalSetup: ['tests/support/globalSetup.ts'],
    setupFiles: ['tests/support/takeCoverage.ts', 'tests/support/patience.ts', 'tests/support/cases.ts'],
    pool: 'forks',
    // Node runs the sources itself, as in production; so coverage counts tests and child processes alike.
    experimental: { viteModuleRunner: false },
    execArgv: [`--conditions=${SOURCES}`],
    // Most files start processes or databases of their own; more at once only take turns.
    maxWorkers: 2,
    // A shared machine may stand still for seconds; what passes at a further try is marked as such in the output.
    retry: process.env['CI'] ? 2 : 0,
    // Only what hangs is ended: the slowest takes some seconds, and a machine with other work twenty times as long.
    testTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 180_000,
    teardownTimeout: 20_000,
    projects: [
      project('sdk', ['sdk/src/**/*.test.ts']),
      project('cli', ['cli/src/**/*.test.ts']),
      project('server', ['server/src/**/*.test.ts']),
      project('worker', ['worker/src/**/*.test.ts']),
      project('migrations', ['migrations/**/*.test.ts']),
      project('examples', ['examples/**/*.test.ts']),
      project('tests', ['tests/**/*.test.ts', 'scripts/**/*.test.ts'], ['**/*.services.test.ts']),
      ...(process.env['STAGER_TEST_SERVICES'] === '1' ? [onServices] : []),
    ],
  },
});
