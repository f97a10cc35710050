import { describe, expect, test } from 'vitest';
import { summarize } from './report.ts';
import { SUITES } from './suites.ts';

const file = (name: string, ...statuses: string[]) => ({
  name: `/repo/${name}`,
  status: statuses.includes('failed') ? 'failed' : 'passed',
  assertionResults: statuses.map((status, n) => ({ fullName: `test ${n}`, status })),
});
const sum = (...testResults: ReturnType<typeof file>[]) =>
  summarize({ success: true, testResults }, '/repo', {});

describe('the sum of a run', () => {
  test('counts what passed and failed, and names what was skipped', () => {
    const { passed, failed, skipped } = sum(file('sdk/a.test.ts', 'passed', 'failed', 'pending'));
    expect([passed, failed, skipped]).toEqual([1, 1, ['sdk/a.test.ts: test 2']]);
  });

  test('a file that did not load is a failure', () => {
    expect(sum({ ...file('sdk/a.test.ts'), status: 'failed' }).failed).toBe(1);
  });

  test('a suite of which all is skipped is missing, and so is one without files', () => {
    expect(sum(file('sdk/a.test.ts', 'skipped')).missing).toEqual(Object.keys(SUITES));
    expect(sum(file('sdk/a.test.ts', 'passed')).missing).not.toContain('sdk');
  });

  test('where the servers of production are asked for, their faults are a suite', () => {
    const env = { STAGER_TEST_SERVICES: '1' };
    expect(summarize({ success: true, testResults: [] }, '/repo', env).missing).toContain('faults');
    expect(summarize({ success: true, testResults: [] }, '/repo', {}).missing).not.toContain('faults');
  });

  test.each([
    ['server/src/infra/postgres/plans.test.ts', ['server']],
    ['migrations/migrations.test.ts', ['migrations']],
    ['tests/packaging/packages.test.ts', ['packaging']],
    ['tests/support/x.test.ts', []],
  ])('%s counts for %j', (name, suites) => {
    const { missing } = sum(file(name, 'passed'));
    expect(Object.keys(SUITES).filter((suite) => !missing.includes(suite))).toEqual(suites);
  });
});
