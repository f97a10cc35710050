import { writeFileSync } from 'node:fs';
import type { Reporter, TestCase } from 'vitest/node';

/** Characters of an error. */
const LONGEST = 300;

/**
 * Notes the tests that passed only when they were tried again, one a line with what went wrong at first, in the file that STAGER_FLAKY_FILE names.
 * The JSON report does not tell them from the others.
 */
export default class FlakyReporter implements Reporter {
  readonly #flaky: string[] = [];

  onTestCaseResult(test: TestCase): void {
    const { retryCount = 0, flaky = false } = test.diagnostic() ?? {};
    if (!flaky) return;
    const why = (test.result().errors ?? []).map(({ message }) =>
      message.replace(/\s+/g, ' ').slice(0, LONGEST),
    );
    const line = `${test.module.relativeModuleId}: ${test.fullName} (try ${retryCount + 1})`;
    this.#flaky.push([line, ...why].join('; '));
  }

  onTestRunEnd(): void {
    const file = process.env['STAGER_FLAKY_FILE'];
    if (file) writeFileSync(file, this.#flaky.map((line) => `${line}\n`).join(''));
  }
}
